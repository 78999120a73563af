import { type DocumentRecord, statusOf } from '../catalog/document-record.ts';
import type { DocumentStatus } from '../catalog/document-status.ts';
import type { NewVersion } from '../catalog/documents.ts';
import type { OverQuota } from '../catalog/quotas.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { Metadata, MetadataValue } from '../retrieval/passage.ts';
import { type Overloaded, type StorageUnavailable, unavailable } from './accept-document.ts';
import { acceptVersion } from './accept-version.ts';
import { MAX_METADATA_BYTES, metadataBytes } from './description-schema.ts';
import { identityOf } from './document-identity.ts';
import { enqueue } from './enqueue.ts';
import type { WriteServices } from './ingest-services.ts';
import { untilDecided } from './until-decided.ts';

/** A JSON merge patch (RFC 7396): what is absent stays, `null` removes. */
export interface DocumentChange {
  title?: string | undefined;
  url?: string | null | undefined;
  metadata?: Record<string, MetadataValue | null> | undefined;
}

export interface Changed {
  outcome: 'updated' | 'unchanged';
  status: DocumentStatus;
}

export type ChangeFailure = StorageUnavailable | Overloaded | OverQuota | { kind: 'unprocessable'; message: string };

type Decided = Changed | Overloaded | OverQuota | 'gone' | 'too-large' | 'outrun';

/**
 * Says something else about a document whose text stays: a new version of the same object, for which nothing is embedded
 * unless the title changes. `null` when there is no such document, or no more.
 */
export async function changeDocument(
  services: WriteServices,
  { namespace, documentId }: { namespace: string; documentId: string },
  change: DocumentChange,
): Promise<Result<Changed | null, ChangeFailure>> {
  const deadline = deadlineIn(services.clock, services.settings.writeDeadlineMs);
  const decided = await untilDecided(services, deadline, () =>
    decide(services, namespace, documentId, change, deadline),
  );
  if (!decided.ok) return fail(unavailable(decided.error));
  switch (decided.value) {
    case 'outrun':
      return fail({ kind: 'unavailable', dependency: 'catalog', retryAfterMs: RETRY_AFTER_MS });
    case 'too-large':
      return fail({
        kind: 'unprocessable',
        message: `would have more than ${MAX_METADATA_BYTES} bytes as JSON`,
      });
    case 'gone':
      return succeed(null);
    default:
      return 'kind' in decided.value ? fail(decided.value) : succeed(decided.value);
  }
}

const RETRY_AFTER_MS = 2_000;

/** As every version is that has just been accepted. */
const QUEUED = {
  state: 'queued',
  stage: null,
  attempts: 0,
  errorCode: null,
  errorMessage: null,
  nextRetryAtMs: null,
} as const;

async function decide(
  services: WriteServices,
  namespace: string,
  documentId: string,
  change: DocumentChange,
  deadline: Deadline,
): Promise<Result<Decided, UpstreamError>> {
  const { catalog, clock, settings, telemetry } = services;
  const found = await catalog.documents.find(namespace, documentId, deadline);
  if (!found.ok) return found;
  const record = found.value;
  if (record === null || record.state === 'deleting') return succeed('gone');
  const nowMs = clock.nowMs();
  const changed = await versionWith(record, change, nowMs);
  if (metadataBytes(changed.metadata) > MAX_METADATA_BYTES) return succeed('too-large');
  // What a source said of itself is not in the identity that it was given.
  const { identityHash } = await identityOf(record.contentHash, record);
  if (changed.identityHash === identityHash) {
    return succeed({ outcome: 'unchanged', status: statusOf(record, settings.storeNames) });
  }
  const admission = await services.backPressure.admit(deadline);
  if (admission.kind === 'overloaded') return succeed(admission);
  const accepted = await acceptVersion(services, { namespace, documentId, version: changed, nowMs }, deadline);
  if (!accepted.ok) return accepted;
  if (accepted.value === 'outrun' || 'kind' in accepted.value) return succeed(accepted.value);
  const { version } = accepted.value;
  telemetry.emit({ event: 'document.accepted', namespace, documentId, version, outcome: 'updated' });
  await enqueue(services, [{ v: 1, kind: 'index', namespace, documentId, version }], deadline);
  const { title, url, metadata } = changed;
  const now: DocumentRecord = { ...record, ...QUEUED, title, url, metadata, version, updatedAtMs: nowMs };
  return succeed({ outcome: 'updated', status: statusOf(now, settings.storeNames) });
}

async function versionWith(record: DocumentRecord, change: DocumentChange, nowMs: number): Promise<NewVersion> {
  const { version, objectKey, contentType, contentBytes, sourceUrl } = record;
  const described = {
    contentType,
    title: change.title ?? record.title,
    url: change.url === undefined ? record.url : change.url,
    metadata: mergedMetadata(record.metadata, change.metadata ?? {}),
  };
  return {
    previousVersion: version,
    version: Math.max(nowMs, version + 1),
    mayRevive: false,
    previous: { title: record.title, contentHash: record.contentHash, metadata: record.metadata },
    objectKey,
    contentBytes,
    sourceUrl,
    ...described,
    ...(await identityOf(record.contentHash, described)),
  };
}

function mergedMetadata(metadata: Metadata, change: Record<string, MetadataValue | null>): Metadata {
  const merged = Object.entries({ ...metadata, ...change });
  return Object.fromEntries(merged.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}
