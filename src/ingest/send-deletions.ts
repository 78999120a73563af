import type { Deletion } from '../catalog/deletions.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { IngestServices, WriteServices } from './ingest-services.ts';

type Needed = Pick<WriteServices | IngestServices, 'catalog' | 'queue' | 'telemetry' | 'clock'>;

/** Has the ingestion Worker go on with deletions. A queue that refuses is no failure: the sweep sends again. */
export async function sendDeletions(
  { catalog, queue, telemetry, clock }: Needed,
  deletions: Pick<Deletion, 'deletionId' | 'namespace'>[],
  deadline: Deadline,
): Promise<boolean> {
  const messages = deletions.map(({ namespace, deletionId }) => {
    return { v: 1 as const, kind: 'deletion' as const, namespace, deletionId };
  });
  const sent = await queue.send(messages, deadline);
  if (!sent.ok) {
    telemetry.emit({ event: 'queue.send-failed', count: messages.length, message: sent.error.message });
    return false;
  }
  const ids = deletions.map(({ deletionId }) => deletionId);
  await catalog.deletions.noteSent(ids, clock.nowMs(), deadline);
  return true;
}
