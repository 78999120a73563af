import { type DocumentRecord, statusOf } from '../catalog/document-record.ts';
import type { DocumentStatus } from '../catalog/document-status.ts';
import type { NewVersion } from '../catalog/documents.ts';
import type { OverQuota } from '../catalog/quotas.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import { acceptVersion } from './accept-version.ts';
import { bytesOf, contentTypeOf, type DocumentIdentity, type DocumentInput, identify } from './document-identity.ts';
import type { DocumentSource } from './document-source.ts';
import { defaultTitle } from './document-title.ts';
import { enqueue } from './enqueue.ts';
import { bodyStart } from './front-matter.ts';
import type { WriteServices } from './ingest-services.ts';
import type { IngestMessage } from './message.ts';
import { describedBy } from './read-front-matter.ts';
import { untilDecided } from './until-decided.ts';
import { type Original, uploadOnce } from './upload-once.ts';
import { hasWords } from './words.ts';

export type { DocumentInput } from './document-identity.ts';

export interface Acceptance {
  outcome: 'created' | 'updated' | 'unchanged';
  /** Another document of the namespace with the same content; only informs. */
  duplicateOf: string | null;
  status: DocumentStatus;
}

export interface StorageUnavailable {
  kind: 'unavailable';
  dependency: string;
  retryAfterMs: number;
}
export interface Overloaded {
  kind: 'overloaded';
  message: string;
  retryAfterMs: number;
}
export type AcceptFailure =
  | StorageUnavailable
  | Overloaded
  | OverQuota
  | { kind: 'unprocessable'; code: 'DOCUMENT_EMPTY'; message: string };

export interface AcceptOptions {
  /** For the whole acceptance; by default as long as one may take. */
  deadline?: Deadline;
  /** Takes the message that has the document ingested, to send it with others. By default it is sent at once. */
  announce?: (message: IngestMessage) => void;
}

const DEFAULT_RETRY_AFTER_MS = 2_000;

/**
 * Stores a document and has it ingested. When this returns a new version, nothing short of losing R2 and D1 loses it:
 * the row in D1 is the promise, the queue only makes it quick.
 */
export async function acceptDocument(
  services: WriteServices,
  input: DocumentInput,
  options: AcceptOptions = {},
): Promise<Result<Acceptance, AcceptFailure>> {
  const described = describedInput(input);
  if (described === null) {
    return fail({ kind: 'unprocessable', code: 'DOCUMENT_EMPTY', message: 'The document has no words to search for.' });
  }
  const deadline = options.deadline ?? deadlineIn(services.clock, services.settings.writeDeadlineMs);
  const identity = await identify(described);
  const original = uploadOnce(services, described, deadline);
  const decided = await untilDecided(services, deadline, () =>
    decide(services, described, identity, original, { ...options, deadline }),
  );
  if (!decided.ok) return fail(unavailable(decided.error));
  if (decided.value !== 'outrun' && 'outcome' in decided.value) return succeed(decided.value);
  await original.discard();
  if (decided.value !== 'outrun') return fail(decided.value);
  return fail({ kind: 'unavailable', dependency: 'catalog', retryAfterMs: DEFAULT_RETRY_AFTER_MS });
}

/** With what its own text says of it; `null` when that has no words. What has to be converted first is not known yet. */
export function describedInput(input: DocumentInput): DocumentInput | null {
  const { source, documentId } = input;
  if (source.kind !== 'text') return input;
  const { content, contentType } = source;
  if (contentType === 'text/plain') {
    return hasWords(content)
      ? { ...input, title: input.title ?? defaultTitle(documentId, content, contentType) }
      : null;
  }
  if (contentType !== 'text/markdown') return input;
  if (!hasWords(content.slice(bodyStart(content)))) return null;
  const described = { ...input, ...describedBy(content, input) };
  return { ...described, title: described.title ?? defaultTitle(documentId, content, contentType) };
}

export function unavailable({ dependency, retryAfterMs }: UpstreamError): StorageUnavailable {
  return { kind: 'unavailable', dependency, retryAfterMs: retryAfterMs ?? DEFAULT_RETRY_AFTER_MS };
}

async function decide(
  services: WriteServices,
  input: DocumentInput,
  identity: DocumentIdentity,
  original: Original,
  { deadline, announce }: AcceptOptions & { deadline: Deadline },
): Promise<Result<Acceptance | 'outrun' | OverQuota | Overloaded, UpstreamError>> {
  const { catalog, telemetry, settings } = services;
  const { namespace, documentId } = input;
  const seen = await catalog.documents.lookUp(namespace, documentId, identity.contentHash, deadline);
  if (!seen.ok) return seen;
  const { record, duplicateOf } = seen.value;
  if (record !== null && isUnchanged(record, input, identity, settings.fingerprint)) {
    await original.discard();
    return succeed({ outcome: 'unchanged', duplicateOf, status: statusOf(record, settings.storeNames) });
  }
  const admission = await services.backPressure.admit(deadline);
  if (admission.kind === 'overloaded') return succeed(admission);
  const stored = await storeVersion(services, input, identity, record, original, deadline);
  if (!stored.ok) return stored;
  if (stored.value === 'outrun' || 'kind' in stored.value) return succeed(stored.value);
  const { version } = stored.value;
  const outcome = record === null || record.state === 'deleting' ? 'created' : 'updated';
  telemetry.emit({ event: 'document.accepted', namespace, documentId, version, outcome });
  const message: IngestMessage = { v: 1, kind: 'index', namespace, documentId, version };
  if (announce === undefined) await enqueue(services, [message], deadline);
  else announce(message);
  return succeed({ outcome, duplicateOf, status: statusOf(stored.value, settings.storeNames) });
}

export function isUnchanged(
  record: DocumentRecord,
  { source }: { source: Pick<DocumentSource, 'kind'> },
  { identityHash }: DocumentIdentity,
  fingerprint: string,
): boolean {
  const isComing = record.state === 'queued' || record.state === 'processing';
  // Only reading an address again shows whether what is there has changed.
  const isKept = isComing || (record.state === 'ready' && source.kind !== 'url');
  const isCutAsNow = record.fingerprint === null || record.fingerprint === fingerprint;
  return isKept && isCutAsNow && record.identityHash === identityHash;
}

/** R2 first, then the row that points there: a row without its text could not be ingested. */
async function storeVersion(
  services: WriteServices,
  input: DocumentInput,
  identity: DocumentIdentity,
  record: DocumentRecord | null,
  original: Original,
  deadline: Deadline,
): Promise<Result<DocumentRecord | 'outrun' | OverQuota, UpstreamError>> {
  const { clock } = services;
  const { namespace, documentId, source, title, url, metadata } = input;
  const uploaded = await original.upload();
  if (!uploaded.ok) return uploaded;
  const nowMs = clock.nowMs();
  const newVersion: NewVersion = {
    previousVersion: record?.version ?? null,
    version: Math.max(nowMs, (record?.version ?? 0) + 1),
    mayRevive: true,
    previous: null,
    objectKey: uploaded.value,
    ...identity,
    contentType: contentTypeOf(source),
    contentBytes: bytesOf(source),
    sourceUrl: source.kind === 'url' ? source.sourceUrl : null,
    title,
    url,
    metadata,
  };
  const accepted = await acceptVersion(services, { namespace, documentId, version: newVersion, nowMs }, deadline);
  if (!accepted.ok) return accepted;
  if (accepted.value === 'outrun' || 'kind' in accepted.value) return succeed(accepted.value);
  return succeed(recordOf(input, accepted.value, record, nowMs));
}

function recordOf(
  input: DocumentInput,
  accepted: NewVersion,
  previous: DocumentRecord | null,
  nowMs: number,
): DocumentRecord {
  const { previousVersion: _, ...described } = accepted;
  const { namespace, documentId } = input;
  return {
    namespace,
    documentId,
    ...described,
    liveVersion: previous?.liveVersion ?? null,
    state: 'queued',
    stage: null,
    chunksDone: 0,
    chunksTotal: 0,
    attempts: 0,
    interruptions: 0,
    errorCode: null,
    errorMessage: null,
    nextRetryAtMs: null,
    leaseToken: null,
    leaseUntilMs: null,
    createdAtMs: previous === null || previous.state === 'deleting' ? nowMs : previous.createdAtMs,
    updatedAtMs: nowMs,
    holdings: previous?.holdings ?? [],
    fingerprint: null,
    olderVersions: previous === null ? 0 : previous.olderVersions + 1,
  };
}
