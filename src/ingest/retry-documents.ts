import { statusOf } from '../catalog/document-record.ts';
import type { DocumentStatus } from '../catalog/document-status.ts';
import type { RetriesAsked } from '../catalog/retries.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { LEXICAL } from '../retrieval/lexical/lexical-index.ts';
import { type StorageUnavailable, unavailable } from './accept-document.ts';
import { enqueue } from './enqueue.ts';
import type { WriteServices } from './ingest-services.ts';
import type { IngestMessage } from './message.ts';

export type RetryOutcome =
  /** It is tried, or deleted, as soon as a worker is free, or somebody is at it already. */
  { kind: 'under-way'; status: DocumentStatus } | { kind: 'nothing-to-retry' } | { kind: 'unknown' };

/**
 * Has a document tried again: one that was given up, one that waits for its next attempt, or one that a store lacks.
 * When this returns, the row in D1 asks for it; if the queue refuses the message, the sweep sends it.
 */
export async function retryDocument(
  services: WriteServices,
  namespace: string,
  documentId: string,
): Promise<Result<RetryOutcome, StorageUnavailable>> {
  const { catalog, clock, settings } = services;
  const deadline = deadlineIn(clock, settings.writeDeadlineMs);
  const nowMs = clock.nowMs();
  const stores = [...settings.storeNames, LEXICAL];
  const retried = await catalog.retries.retry(namespace, documentId, { stores, nowMs }, deadline);
  if (!retried.ok) return fail(unavailable(retried.error));
  if (retried.value === null) return succeed({ kind: 'unknown' });
  const { record, isPutBack } = retried.value;
  const { version, state, leaseToken } = record;
  if (!isPutBack && leaseToken === null && state !== 'deleting') return succeed({ kind: 'nothing-to-retry' });
  if (isPutBack) {
    const kind = state === 'deleting' ? 'delete' : 'index';
    await enqueue(services, [{ v: 1, kind, namespace, documentId, version }], deadline);
  }
  return succeed({ kind: 'under-way', status: statusOf(record, settings.storeNames) });
}

export interface Retried {
  matched: number;
  requeued: number;
}

/** The same for a bounded number of those that match. */
export async function retryMatching(
  services: WriteServices,
  namespace: string,
  asked: RetriesAsked,
): Promise<Result<Retried, StorageUnavailable>> {
  const { catalog, clock, settings } = services;
  const deadline = deadlineIn(clock, settings.writeDeadlineMs);
  const retried = await catalog.retries.retryMatching(namespace, asked, clock.nowMs(), deadline);
  if (!retried.ok) return fail(unavailable(retried.error));
  const { matched, putBack } = retried.value;
  const messages = putBack.map(({ documentId, version }): IngestMessage => {
    return { v: 1, kind: 'index', namespace, documentId, version };
  });
  if (messages.length > 0) await enqueue(services, messages, deadline);
  return succeed({ matched, requeued: putBack.length });
}
