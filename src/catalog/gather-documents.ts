import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { Catalog } from './catalog.ts';
import type { AcceptedDocument, AskedDocument } from './documents.ts';
import type { JudgedDocument } from './quotas.ts';

export interface GatheredDocuments extends Pick<Catalog, 'documents' | 'quotas'> {
  /** Runs the acceptance of one document, whose calls to `documents` and `quotas` are the ones that gather. */
  during<T>(acceptance: () => Promise<T>): Promise<T>;
}

/**
 * The documents of one namespace, for many that are accepted side by side: their look-ups, acceptances and verdicts wait
 * for each other and go to the catalog together, as soon as half of those under way have one. So nobody waits long for a
 * straggler, and a thousand documents take a few hundred statements. Their ids have to differ; every call has the given
 * deadline.
 */
export function gatherDocuments(
  { documents, quotas }: Pick<Catalog, 'documents' | 'quotas'>,
  namespace: string,
  deadline: Deadline,
): GatheredDocuments {
  const lookUps = gatherCalls((asked: AskedDocument[]) => documents.lookUpMany(namespace, asked, deadline));
  const acceptances = gatherCalls((accepted: AcceptedDocument[]) =>
    documents.acceptMany(namespace, accepted, deadline),
  );
  const verdicts = gatherCalls((judged: JudgedDocument[]) => quotas.judgeMany(namespace, judged, deadline));
  const all = [lookUps, acceptances, verdicts];
  let underWay = 0;

  function runWhenEnough(): void {
    const waiting = all.reduce((sum, calls) => sum + calls.count(), 0);
    if (2 * waiting < underWay) return;
    for (const calls of all) calls.run();
  }

  function gather<Value>(call: Promise<Value>): Promise<Value> {
    runWhenEnough();
    return call;
  }

  return {
    documents: {
      ...documents,
      lookUp: (_, documentId, contentHash) => gather(lookUps.add({ documentId, contentHash })),
      accept: (_, documentId, version, nowMs) => gather(acceptances.add({ documentId, version, nowMs })),
    },
    quotas: {
      ...quotas,
      judge: (_, documentId, contentBytes) => gather(verdicts.add({ documentId, contentBytes })),
    },
    async during(acceptance) {
      underWay += 1;
      try {
        return await acceptance();
      } finally {
        underWay -= 1;
        runWhenEnough();
      }
    },
  };
}

type RunMany<Entry, Value> = (entries: Entry[]) => Promise<Result<Value[], UpstreamError>>;

interface Waiting<Entry, Value> {
  entry: Entry;
  settled: PromiseWithResolvers<Result<Value, UpstreamError>>;
}

function gatherCalls<Entry, Value>(runMany: RunMany<Entry, Value>) {
  let waiting: Waiting<Entry, Value>[] = [];
  return {
    count: () => waiting.length,
    add(entry: Entry): Promise<Result<Value, UpstreamError>> {
      const settled = Promise.withResolvers<Result<Value, UpstreamError>>();
      waiting.push({ entry, settled });
      return settled.promise;
    },
    /** Those who wait are told how it ended. */
    run(): void {
      const together = waiting;
      waiting = [];
      if (together.length > 0) void runTogether(runMany, together);
    },
  };
}

async function runTogether<Entry, Value>(
  runMany: RunMany<Entry, Value>,
  together: Waiting<Entry, Value>[],
): Promise<void> {
  try {
    const ran = await runMany(together.map(({ entry }) => entry));
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
