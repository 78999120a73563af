import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { AcceptedDocument, AskedDocument, Documents } from './documents.ts';

// Keeps one statement, which blocks the whole database, short: a document's row has a few kilobytes.
const MAX_GATHERED = 50;

/**
 * The documents of one namespace, for many that are accepted side by side: while one call to the catalog is under way,
 * look-ups and acceptances gather for the next, so that a thousand documents take a few dozen statements. Their ids
 * have to differ; every call has the given deadline.
 */
export function gatherDocuments(documents: Documents, namespace: string, deadline: Deadline): Documents {
  const lookUp = gatherCalls((asked: AskedDocument[]) => documents.lookUpMany(namespace, asked, deadline));
  const accept = gatherCalls((accepted: AcceptedDocument[]) => documents.acceptMany(namespace, accepted, deadline));
  return {
    ...documents,
    lookUp: (_, documentId, contentHash) => lookUp({ documentId, contentHash }),
    accept: (_, documentId, version, nowMs) => accept({ documentId, version, nowMs }),
  };
}

type RunMany<Entry, Value> = (entries: Entry[]) => Promise<Result<Value[], UpstreamError>>;

interface Waiting<Entry, Value> {
  entry: Entry;
  settled: PromiseWithResolvers<Result<Value, UpstreamError>>;
}

function gatherCalls<Entry, Value>(run: RunMany<Entry, Value>) {
  const waiting: Waiting<Entry, Value>[] = [];
  let isRunning = false;

  async function runWaiting(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    while (waiting.length > 0) await runTogether(run, waiting.splice(0, MAX_GATHERED));
    isRunning = false;
  }

  return (entry: Entry): Promise<Result<Value, UpstreamError>> => {
    const settled = Promise.withResolvers<Result<Value, UpstreamError>>();
    waiting.push({ entry, settled });
    // Never fails; whoever began it need not stay for the calls that gather after its own.
    void runWaiting();
    return settled.promise;
  };
}

async function runTogether<Entry, Value>(run: RunMany<Entry, Value>, together: Waiting<Entry, Value>[]): Promise<void> {
  try {
    const ran = await run(together.map(({ entry }) => entry));
    for (const [n, { settled }] of together.entries()) settled.resolve(ran.ok ? valueAt(ran.value, n) : ran);
  } catch (error) {
    // A bug belongs to each of them, or the others would wait for ever.
    for (const { settled } of together) settled.reject(error);
  }
}

function valueAt<Value>(values: Value[], n: number): Result<Value, UpstreamError> {
  const value = values[n];
  if (value === undefined) throw new Error('a call was left without its answer');
  return succeed(value);
}
