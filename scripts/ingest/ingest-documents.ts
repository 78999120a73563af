import { setTimeout as wait } from 'node:timers/promises';
import type { Result } from '../../src/result.ts';
import { FINGERPRINT_MISMATCH } from '../../src/retrieval/fingerprint.ts';
import {
  type ApiClient,
  type ApiDocument,
  type ApiFailure,
  describeFailure,
  type NewDocument,
  type Parsed,
} from '../api-client.ts';
import type { Output } from '../output.ts';
import { forEachConcurrently } from './for-each-concurrently.ts';

export interface IngestSummary {
  created: number;
  updated: number;
  unchanged: number;
  failed: { id: string; message: string }[];
  seconds: number;
}

interface Timing {
  nowMs(): number;
  sleep(ms: number): Promise<unknown>;
}

/** How long, and how often, to try again. */
interface Patience {
  timing: Timing;
  deadlineMs: number;
  /** For all documents together: connections that break are few, and a service that is gone is gone for all. */
  networkRetriesLeft: number;
}

interface IngestOptions {
  client: Pick<ApiClient, 'putDocument' | 'getDocument'>;
  namespace: string;
  /** Bodies are read when they are sent, a few at a time. */
  documents: { id: string; read(): NewDocument }[];
  output: Output;
  timeoutMs: number;
  timing?: Timing;
}

const PUTS_AT_ONCE = 8;
const POLLS_AT_ONCE = 8;
/** With eight at once this stays well inside the API's read limit of 20 a second. */
const POLL_INTERVAL_MS = 500;
const NETWORK_RETRIES = 20;
const NETWORK_RETRY_MS = 1_000;
const systemTiming: Timing = { nowMs: () => performance.now(), sleep: (ms) => wait(ms) };

/** Puts every document, then waits until all of them are searchable, have failed for good, or the time is up. */
export async function ingestDocuments(options: IngestOptions): Promise<IngestSummary> {
  const { client, namespace, documents, output, timing = systemTiming } = options;
  const startedMs = timing.nowMs();
  const deadlineMs = startedMs + options.timeoutMs;
  const patience: Patience = { timing, deadlineMs, networkRetriesLeft: NETWORK_RETRIES };
  const summary: IngestSummary = { created: 0, updated: 0, unchanged: 0, failed: [], seconds: 0 };
  const outcomes = new Map<string, 'created' | 'updated' | 'unchanged'>();
  const pending: Pending[] = [];
  const failedBefore: Failure[] = [];

  const sending = output.progress('Sending  ', documents.length);
  let sent = 0;
  await forEachConcurrently(documents, PUTS_AT_ONCE, async (document) => {
    const put = () => client.putDocument(namespace, document.read());
    const accepted = await patiently(put, patience);
    sending.update(++sent, document.id);
    if (!accepted.ok) {
      summary.failed.push({ id: document.id, message: describeFailure(accepted.error) });
      return;
    }
    const { outcome, state, failed } = accepted.value.value;
    outcomes.set(document.id, outcome ?? 'updated');
    if (state === 'ready') return;
    pending.push({ id: document.id, endedAttempts: endedAttempts(accepted.value.value) });
    if (failed !== null) failedBefore.push(failed);
  });
  sending.end();
  for (const line of describeWaits(failedBefore)) output.line(line);

  summary.failed.push(...(await waitUntilSearchable({ client, namespace, output, patience, pending })));
  // Each document counts once: accepted and then failed is failed.
  for (const { id } of summary.failed) outcomes.delete(id);
  for (const outcome of outcomes.values()) summary[outcome] += 1;
  summary.seconds = Math.round((timing.nowMs() - startedMs) / 100) / 10;
  return summary;
}

/** The summary in one line, and a line for each reason why documents failed. */
export function describeSummary(summary: IngestSummary): string {
  const { created, updated, unchanged, failed, seconds } = summary;
  const counts = `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed.length} failed in ${seconds} s.`;
  const reasons = [...Map.groupBy(failed, ({ message }) => message)];
  return [counts, ...reasons.map(([message, of]) => `  ${of.map(({ id }) => id).join(', ')}: ${message}`)].join('\n');
}

interface Pending {
  id: string;
  /** When it was last looked at: a failure after as many is an old one. */
  endedAttempts: number;
}

type Failure = NonNullable<ApiDocument['failed']>;

/** A line for each reason why documents that were put before wait: their next attempt may be minutes away. */
function describeWaits(failures: Failure[]): string[] {
  const waiting = failures.filter(({ nextRetryAt }) => nextRetryAt !== null);
  return [...Map.groupBy(waiting, ({ code, message }) => `${code}: ${message}`)].map(([reason, of]) => {
    const [soonest] = of.map(({ nextRetryAt }) => nextRetryAt).sort();
    return `${of.length} failed before and will be tried again, the first at ${soonest}: ${reason}`;
  });
}

interface Waiting {
  client: Pick<ApiClient, 'putDocument' | 'getDocument'>;
  namespace: string;
  output: Output;
  patience: Patience;
  pending: Pending[];
}

async function waitUntilSearchable(waiting: Waiting): Promise<IngestSummary['failed']> {
  const { output } = waiting;
  const { timing, deadlineMs } = waiting.patience;
  const failed: IngestSummary['failed'] = [];
  const total = waiting.pending.length;
  const progress = output.progress('Searchable', total);
  let pending = waiting.pending;
  while (pending.length > 0 && timing.nowMs() < deadlineMs) {
    const asked = pending.slice(0, POLLS_AT_ONCE);
    const verdicts = await Promise.all(asked.map((each) => poll(waiting, each)));
    for (const verdict of verdicts) {
      if (verdict.kind === 'failed') failed.push({ id: verdict.id, message: verdict.message });
    }
    const unfinished = verdicts.filter((verdict) => verdict.kind === 'pending');
    // The unfinished go to the back, so that one stuck document does not hide the progress of the rest.
    pending = [...pending.slice(POLLS_AT_ONCE), ...unfinished];
    progress.update(total - pending.length, unfinished.at(-1)?.note ?? '');
    if (unfinished.length === asked.length) await timing.sleep(POLL_INTERVAL_MS);
  }
  progress.end();
  return [...failed, ...pending.map(({ id }) => ({ id, message: 'not searchable in time; it may still become so' }))];
}

type Verdict =
  | { kind: 'ready'; id: string }
  | { kind: 'failed'; id: string; message: string }
  | ({ kind: 'pending'; note: string } & Pending);

async function poll(
  { client, namespace, patience }: Waiting,
  { id, endedAttempts: before }: Pending,
): Promise<Verdict> {
  const status = await patiently(() => client.getDocument(namespace, id), patience);
  if (!status.ok) return { kind: 'failed', id, message: describeFailure(status.error) };
  const { state, processing, failed } = status.value.value;
  if (state === 'ready') return { kind: 'ready', id };
  if (state === 'deleting') return { kind: 'failed', id, message: 'it was deleted meanwhile' };
  const ended = endedAttempts(status.value.value);
  if (failed !== null && isForGood(state, failed, ended > 0 && ended !== before)) {
    return { kind: 'failed', id, message: `${failed.code}: ${failed.message}` };
  }
  return { kind: 'pending', id, endedAttempts: ended, note: processing === null ? id : `${processing.stage} ${id}` };
}

/** 0 again once somebody has asked for a retry. The last failure is shown until the attempt that goes on has ended. */
function endedAttempts({ state, failed }: ApiDocument): number {
  if (failed === null) return 0;
  return state === 'processing' ? failed.attempts - 1 : failed.attempts;
}

// The service tries a setting again as well, for whoever sets it back: after an old failure, one attempt is waited for.
// Whether it was made, `nextRetryAt` does not tell: an attempt that is put off changes it too.
function isForGood(state: ApiDocument['state'], failed: Failure, isNew: boolean): boolean {
  if (state === 'processing') return false;
  return (state === 'failed' && failed.nextRetryAt === null) || (failed.code === FINGERPRINT_MISMATCH && isNew);
}

/** Repeats a call for as long as the service says when to come back, or the network fails, and the limits allow. */
async function patiently(
  call: () => Promise<Result<Parsed<ApiDocument>, ApiFailure>>,
  patience: Patience,
): Promise<Result<Parsed<ApiDocument>, ApiFailure>> {
  const { timing, deadlineMs } = patience;
  for (;;) {
    const result = await call();
    if (result.ok) return result;
    const waitMs = waitBeforeRetryMs(result.error, patience);
    if (waitMs === null || timing.nowMs() + waitMs > deadlineMs) return result;
    await timing.sleep(waitMs);
  }
}

function waitBeforeRetryMs(failure: ApiFailure, patience: Patience): number | null {
  // Waiting does not mend a setting: whoever reads this can.
  if (failure.kind === 'problem' && failure.code === 'CONFIG_INVALID') return null;
  if (failure.kind !== 'unreachable') return [429, 503].includes(failure.status) ? failure.retryAfterMs : null;
  if (patience.networkRetriesLeft === 0) return null;
  patience.networkRetriesLeft -= 1;
  return NETWORK_RETRY_MS;
}
