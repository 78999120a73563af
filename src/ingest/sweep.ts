import type { UnfinishedDocument } from '../catalog/unfinished.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import { enqueue } from './enqueue.ts';
import { forgetIngestions } from './forget-ingestions.ts';
import type { IngestServices } from './ingest-services.ts';
import type { IngestMessage } from './message.ts';

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
  const sent = unfinished.slice(0, requeued);
  const expiredLeases = sent.filter((document) => document.hasExpiredLease).length;
  const repaired = sent.filter((document) => document.state === 'ready').length;
  const report = { requeued, expiredLeases, repaired };
  telemetry.emit({ event: 'sweep.finished', ...report });
  await forgetIngestions(services);
  return report;
}

function messageFor({ namespace, documentId, version, state }: UnfinishedDocument): IngestMessage {
  return { v: 1, kind: state === 'deleting' ? 'delete' : 'index', namespace, documentId, version };
}
