import { FINGERPRINT_MISMATCH } from '../../src/retrieval/fingerprint.ts';
import { type ApiClient, type ApiDocument, describeFailure } from '../api-client.ts';
import type { Output } from '../output.ts';
import { type Patience, patiently } from './patiently.ts';

const POLLS_AT_ONCE = 8;
/** With eight at once this stays well inside the API's read limit of 20 a second. */
const POLL_INTERVAL_MS = 500;
const NOT_IN_TIME = 'not searchable in time; it may still become so';

export interface Failed {
  id: string;
  message: string;
}

export interface Pending {
  id: string;
  /** When it was last looked at: a failure after as many is an old one. */
  endedAttempts: number;
  lastFailure: Failure | null;
}

export type Failure = NonNullable<ApiDocument['failed']>;

interface Waiting {
  client: Pick<ApiClient, 'getDocument'>;
  namespace: string;
  output: Output;
  patience: Patience;
  pending: Pending[];
}

/** Until each document can be found, has failed for good, or the time is up. The answer: those that cannot be found. */
export async function waitUntilSearchable(waiting: Waiting): Promise<Failed[]> {
  const { output } = waiting;
  const { timing, deadlineMs } = waiting.patience;
  const failed: Failed[] = [];
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
  return [...failed, ...pending.map(({ id, lastFailure }) => ({ id, message: describeLate(lastFailure) }))];
}

function describeLate(lastFailure: Failure | null): string {
  return lastFailure === null ? NOT_IN_TIME : `${NOT_IN_TIME}; the last attempt failed with ${reasonOf(lastFailure)}`;
}

export function reasonOf({ code, message }: Failure): string {
  return `${code}: ${message}`;
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
    return { kind: 'failed', id, message: reasonOf(failed) };
  }
  const note = processing === null ? id : `${processing.stage} ${id}`;
  return { kind: 'pending', id, endedAttempts: ended, lastFailure: failed, note };
}

/** 0 again once somebody has asked for a retry. The last failure is shown until the attempt that goes on has ended. */
export function endedAttempts({ state, failed }: ApiDocument): number {
  if (failed === null) return 0;
  return state === 'processing' ? failed.attempts - 1 : failed.attempts;
}

// The service tries a setting again as well, for whoever sets it back: after an old failure, one attempt is waited for.
// Whether it was made, `nextRetryAt` does not tell: an attempt that is put off changes it too.
function isForGood(state: ApiDocument['state'], failed: Failure, isNew: boolean): boolean {
  if (state === 'processing') return false;
  return (state === 'failed' && failed.nextRetryAt === null) || (failed.code === FINGERPRINT_MISMATCH && isNew);
}
