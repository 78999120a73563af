import { deadlineIn } from '../resilience/deadline.ts';
import type { IngestServices } from './ingest-services.ts';
import type { DeletionMessage, IngestMessage } from './message.ts';

const RECORD_TIMEOUT_MS = 30_000;

const REASON = {
  code: 'DEAD_LETTERED',
  message: 'The queue delivered the document as often as it may, and no attempt came to an end.',
};

/**
 * What the queue has given up goes back to the sweep, unless every attempt is cut off: that is written on the
 * document's row, keeping the last error if there was one. `false` when the catalog could not be written: ask again
 * later.
 */
export async function recordDeadLetter(
  services: IngestServices,
  message: IngestMessage | DeletionMessage,
): Promise<boolean> {
  const { catalog, clock, settings, telemetry } = services;
  const deadline = deadlineIn(clock, RECORD_TIMEOUT_MS);
  if (message.kind === 'deletion') {
    telemetry.count('queue.messages', { outcome: 'dead' });
    return (await catalog.deletions.noteSent([message.deletionId], null, deadline)).ok;
  }
  const options = { maxInterruptions: settings.maxAttempts, nowMs: clock.nowMs() };
  const given = await catalog.leases.giveUp(message, REASON, options, deadline);
  if (!given.ok) return false;
  telemetry.count('queue.messages', { outcome: 'dead' });
  const { kind, ...dead } = message;
  telemetry.emit({
    event: 'queue.dead-lettered',
    kind,
    namespace: dead.namespace,
    documentId: dead.documentId,
    version: dead.version,
  });
  if (given.value !== null) {
    const { namespace, documentId, version } = message;
    const { code, attempts } = given.value;
    telemetry.emit({ event: 'document.failed', namespace, documentId, version, code, attempts, willRetry: false });
    telemetry.count('documents.ingested', { outcome: 'failed' });
  }
  return true;
}
