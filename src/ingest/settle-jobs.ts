import type { DocumentRecord } from '../catalog/document-record.ts';
import type { Settlement } from '../catalog/leases.ts';
import { confirmedStores } from './await-visibility.ts';
import { decideRetry, type RetryDecision } from './failure-policy.ts';
import type { IngestJob, JobError, MessageOutcome } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

const VISIBILITY_RETRY_MS = 5_000;
const LIVE_VISIBILITY_RETRY_MS = 15_000;
const REMAINS_RETRY_MS = 300_000;
const CATALOG_RETRY_SECONDS = 30;

/** Writes down how the jobs ended, gives their leases back and says what becomes of their messages. */
export async function settleJobs(services: IngestServices, jobs: IngestJob[]): Promise<Map<IngestJob, MessageOutcome>> {
  const { catalog, clock } = services;
  const concluded = jobs.map((job) => ({ job, lease: job.lease, ...conclude(services, job) }));
  // A row that is gone has no lease to give back.
  const held = concluded.filter(({ job }) => !isBuried(job)).map(({ lease, settlement }) => ({ lease, settlement }));
  const settled = await catalog.leases.settle(held, clock.nowMs(), stepDeadline(services));
  // What nothing is to be said of has a lease that expires by itself.
  const isLost = (settlement: Settlement | null) => !settled.ok && settlement !== null;
  const later: MessageOutcome = { kind: 'retry', delaySeconds: CATALOG_RETRY_SECONDS };
  return new Map(concluded.map(({ job, settlement, outcome }) => [job, isLost(settlement) ? later : outcome]));
}

function isBuried(job: IngestJob): boolean {
  return job.end?.kind === 'done' && job.record.state === 'deleting';
}

interface Conclusion {
  settlement: Settlement | null;
  outcome: MessageOutcome;
}

function conclude(services: IngestServices, job: IngestJob): Conclusion {
  if (isBuried(job) || job.end?.kind === 'superseded') return { settlement: null, outcome: { kind: 'ack' } };
  if (job.record.state === 'failed') return concludeRemains(services, job);
  if (job.end?.kind === 'waiting')
    return retryLater(services, job, null, { by: 'queue', delayMs: VISIBILITY_RETRY_MS });
  if (job.end?.kind === 'postponed') return postpone(services, job, job.end.delayMs);
  if (job.end?.kind === 'failed') return concludeFailure(services, job, job.end.error);
  const [storeError] = job.storeErrors.values();
  if (storeError !== undefined) return concludeFailure(services, job, storeError);
  const isSeenEverywhere = confirmedStores(services, job) === services.stores.length;
  if (!isSeenEverywhere) return retryLater(services, job, null, { by: 'queue', delayMs: LIVE_VISIBILITY_RETRY_MS });
  const settlement = { ...unchanged(job), attempts: 0, error: null, nextRetryAtMs: null, isEnqueued: true };
  return { settlement, outcome: { kind: 'ack' } };
}

/** It has failed, and stays so; the sweep comes back until nothing is left of the versions before. */
function concludeRemains({ clock }: IngestServices, { record, end }: IngestJob): Conclusion {
  const isPostponed = end?.kind === 'postponed';
  const delayMs = isPostponed ? end.delayMs : end?.kind === 'failed' ? REMAINS_RETRY_MS : LIVE_VISIBILITY_RETRY_MS;
  const settlement: Settlement = {
    from: 'failed',
    to: 'failed',
    attempts: record.attempts,
    error: lastErrorOf(record),
    nextRetryAtMs: end === null ? null : clock.nowMs() + delayMs,
    isEnqueued: end === null,
    ...(isPostponed && { isPostponed }),
  };
  return { settlement, outcome: { kind: 'ack' } };
}

function lastErrorOf({ errorCode, errorMessage }: DocumentRecord): Settlement['error'] {
  return errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' };
}

/** As if it had not been claimed: the attempt does not count, and the last error stays. */
function postpone({ clock }: IngestServices, job: IngestJob, delayMs: number): Conclusion {
  const { from } = unchanged(job);
  const settlement: Settlement = {
    from,
    to: from === 'processing' ? 'queued' : from,
    attempts: job.record.attempts - 1,
    error: lastErrorOf(job.record),
    nextRetryAtMs: clock.nowMs() + delayMs,
    isEnqueued: true,
    isPostponed: true,
  };
  return { settlement, outcome: { kind: 'retry', delaySeconds: Math.ceil(delayMs / 1_000) } };
}

function concludeFailure(services: IngestServices, job: IngestJob, error: JobError): Conclusion {
  const { telemetry } = services;
  const { attempts } = job.record;
  const { namespace, documentId, version } = job.lease;
  const decision = decide(services, job, error);
  const willRetry = decision.kind === 'retry';
  telemetry.emit({ event: 'document.failed', namespace, documentId, version, code: error.code, attempts, willRetry });
  telemetry.count('documents.ingested', { outcome: willRetry ? 'retry' : 'failed' });
  if (decision.kind === 'retry') return retryLater(services, job, error, decision);
  const settlement: Settlement = {
    ...unchanged(job),
    to: 'failed',
    attempts,
    error,
    nextRetryAtMs: null,
    isEnqueued: true,
  };
  return { settlement, outcome: { kind: 'ack' } };
}

/** A document that is live or being deleted is never given up: what is left to do for it does not become less true. */
function decide({ settings, random }: IngestServices, job: IngestJob, error: JobError): RetryDecision {
  const { attempts, state } = job.record;
  const mayGiveUp = !job.isLive && state !== 'deleting';
  const kind = error.class === 'permanent' && !mayGiveUp ? 'configuration' : error.class;
  return decideRetry({ ...error, class: kind, attempts }, { maxAttempts: settings.maxAttempts, random });
}

function retryLater(
  { clock }: IngestServices,
  job: IngestJob,
  error: JobError | null,
  { by, delayMs }: { by: 'queue' | 'sweep'; delayMs: number },
): Conclusion {
  // Repairs may take days, and nobody waits for them.
  const isForSweep = by === 'sweep' || (error !== null && job.isLive);
  const from = unchanged(job).from;
  const settlement: Settlement = {
    from,
    to: error !== null && from === 'processing' ? 'queued' : from,
    // Waiting is no failure.
    attempts: error === null ? 0 : job.record.attempts,
    error,
    nextRetryAtMs: clock.nowMs() + delayMs,
    isEnqueued: !isForSweep,
  };
  if (isForSweep) return { settlement, outcome: { kind: 'ack' } };
  return { settlement, outcome: { kind: 'retry', delaySeconds: Math.ceil(delayMs / 1_000) } };
}

function unchanged(job: IngestJob): Pick<Settlement, 'from' | 'to'> {
  const state = job.record.state === 'deleting' ? 'deleting' : job.isLive ? 'ready' : 'processing';
  return { from: state, to: state };
}
