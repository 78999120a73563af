import { continueDeletion } from './continue-deletion.ts';
import type { MessageOutcome } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';
import type { DeletionMessage } from './message.ts';

const RETRY_SECONDS = 10;

/** Goes on with a deletion of many documents. Two at once do no harm: each slice is taken by one. */
export async function workOnDeletion(
  services: IngestServices,
  { deletionId }: DeletionMessage,
): Promise<MessageOutcome> {
  const deadline = stepDeadline(services);
  const found = await services.catalog.deletions.find(deletionId, deadline);
  if (!found.ok) return { kind: 'retry', delaySeconds: RETRY_SECONDS };
  if (found.value === null || found.value.isFinished) return { kind: 'ack' };
  const continued = await continueDeletion(services, found.value, deadline);
  if (!continued.ok) return { kind: 'retry', delaySeconds: RETRY_SECONDS };
  return continued.value.isFinished ? { kind: 'ack' } : { kind: 'retry', delaySeconds: 1 };
}
