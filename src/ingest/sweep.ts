import type { UnfinishedDocument } from '../catalog/unfinished.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { enqueue } from './enqueue.ts';
import { forgetIngestions } from './forget-ingestions.ts';
import type { IngestServices } from './ingest-services.ts';
import type { IngestMessage } from './message.ts';
import { sendDeletions } from './send-deletions.ts';

export interface SweepReport {
  requeued: number;
  /** Of these: their worker never came back. */
  expiredLeases: number;
  /** Of these: live, but a store lacks them or an old version is left. */
  repaired: number;
}

// Two runs a minute apart do not overlap.
const SWEEP_TIMEOUT_MS = 50_000;
const MESSAGES_PER_SEND = 100;
// For whoever wants to know later what was deleted, and how much.
const DELETIONS_KEPT_MS = 7 * 24 * 60 * 60_000;

/** Sends messages for documents that have work left and perhaps none in the queue. One too many does no harm. */
export async function sweep(services: IngestServices): Promise<SweepReport> {
  const { catalog, clock, telemetry, settings } = services;
  const deadline = deadlineIn(clock, SWEEP_TIMEOUT_MS);
  const options = { nowMs: clock.nowMs(), requeueAfterMs: settings.requeueAfterMs, limit: settings.sweepLimit };
  const found = await catalog.unfinished.find(options, deadline);
  const unfinished = found.ok ? found.value : [];
  let requeued = 0;
  while (requeued < unfinished.length) {
    const slice = unfinished.slice(requeued, requeued + MESSAGES_PER_SEND);
    const isSent = await enqueue(services, slice.map(messageFor), deadline);
    if (!isSent) break;
    requeued += slice.length;
  }
  const deletions = await resendDeletions(services, deadline);
  const sent = unfinished.slice(0, requeued);
  const expiredLeases = sent.filter((document) => document.hasExpiredLease).length;
  const repaired = sent.filter((document) => document.state === 'ready').length;
  const report = { requeued: requeued + deletions, expiredLeases, repaired };
  telemetry.emit({ event: 'sweep.finished', ...report });
  await forgetIngestions(services);
  return report;
}

async function resendDeletions(services: IngestServices, deadline: Deadline): Promise<number> {
  const { catalog, clock, settings } = services;
  await catalog.deletions.forgetFinished(clock.nowMs() - DELETIONS_KEPT_MS, deadline);
  const options = { sentBeforeMs: clock.nowMs() - settings.requeueAfterMs, limit: MESSAGES_PER_SEND };
  const unsent = await catalog.deletions.findUnsent(options, deadline);
  if (!unsent.ok || unsent.value.length === 0) return 0;
  return (await sendDeletions(services, unsent.value, deadline)) ? unsent.value.length : 0;
}

function messageFor({ namespace, documentId, version, state }: UnfinishedDocument): IngestMessage {
  return { v: 1, kind: state === 'deleting' ? 'delete' : 'index', namespace, documentId, version };
}
