import { statusOf } from '../catalog/document-record.ts';
import type { DocumentStatus } from '../catalog/document-status.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { type StorageUnavailable, unavailable } from './accept-document.ts';
import { enqueue } from './enqueue.ts';
import type { WriteServices } from './ingest-services.ts';

/**
 * Takes a document out of every answer at once and has it removed everywhere. Its row stays, as a tombstone, until
 * every store has confirmed. `null` when there is no such document.
 */
export async function removeDocument(
  services: WriteServices,
  namespace: string,
  documentId: string,
): Promise<Result<DocumentStatus | null, StorageUnavailable>> {
  const { catalog, clock, settings } = services;
  const deadline = deadlineIn(clock, settings.writeDeadlineMs);
  const marked = await catalog.documents.markDeleting(namespace, documentId, clock.nowMs(), deadline);
  if (!marked.ok) return fail(unavailable(marked.error));
  const record = marked.value;
  if (record === null) return succeed(null);
  await Promise.all([
    enqueue(services, [{ v: 1, kind: 'delete', namespace, documentId, version: record.version }], deadline),
    // When this fails, what was made from the document goes with the states that expire, some seconds later.
    services.namespaceStates.publish(namespace, deadline),
  ]);
  return succeed(statusOf(record, settings.storeNames));
}
