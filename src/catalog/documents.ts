import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { Metadata } from '../retrieval/passage.ts';
import { type CatalogDatabase, parseRows, type Statement } from './catalog-database.ts';
import { type DocumentRecord, documentRow, selectRecord } from './document-record.ts';
import {
  exceededByVersion,
  type OverQuota,
  overQuotaOf,
  type Quotas,
  quotaParameter,
  usageColumns,
  verdictRow,
} from './quotas.ts';

/** A version about to be accepted. */
export interface NewVersion {
  /** `null` when there is no such document: the version is accepted only if that is still so. */
  previousVersion: number | null;
  version: number;
  objectKey: string;
  identityHash: string;
  contentHash: string;
  contentType: string;
  contentBytes: number;
  title: string | null;
  url: string | null;
  metadata: Metadata;
}

export interface DocumentKey {
  namespace: string;
  documentId: string;
  version: number;
}

export interface LookUp {
  record: DocumentRecord | null;
  /** Another one alive in the namespace with the same content. */
  duplicateOf: string | null;
  /** Only versions after this one are accepted: those before may be meant by a deletion under way. */
  acceptedAfter: number;
}

export interface Documents {
  lookUp(
    namespace: string,
    documentId: string,
    contentHash: string,
    deadline: Deadline,
  ): Promise<Result<LookUp, UpstreamError>>;
  find(
    namespace: string,
    documentId: string,
    deadline: Deadline,
  ): Promise<Result<DocumentRecord | null, UpstreamError>>;
  /**
   * Makes the version the newest one, unless somebody else was faster or the namespace would hold more than it may.
   * Creates the namespace, and brings a deleted one back.
   */
  accept(
    namespace: string,
    documentId: string,
    accepted: NewVersion,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<'accepted' | 'outrun' | OverQuota, UpstreamError>>;
  /** Takes the document out of every answer. `null` when there is none. */
  markDeleting(
    namespace: string,
    documentId: string,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<DocumentRecord | null, UpstreamError>>;
  /** The queue has taken messages for these versions. */
  markEnqueued(documents: DocumentKey[], nowMs: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

export function createDocuments(database: CatalogDatabase, defaultQuotas: Quotas): Documents {
  return {
    async lookUp(namespace, documentId, contentHash, deadline) {
      const duplicate = { sql: SELECT_DUPLICATE, parameters: [namespace, documentId, contentHash] };
      const floor = { sql: SELECT_ACCEPTED_AFTER, parameters: [namespace] };
      const read = await database.batch('look-up', [selectRecord(namespace, documentId), duplicate, floor], deadline);
      if (!read.ok) return read;
      const [record] = parseRows(documentRow, read.value[0]);
      const [other] = parseRows(duplicateRow, read.value[1]);
      const [after] = parseRows(acceptedAfterRow, read.value[2]);
      return succeed({
        record: record ?? null,
        duplicateOf: other?.documentId ?? null,
        acceptedAfter: after?.acceptedAfter ?? 0,
      });
    },

    async find(namespace, documentId, deadline) {
      const read = await database.batch('find', [selectRecord(namespace, documentId)], deadline);
      return read.ok ? succeed(parseRows(documentRow, read.value[0])[0] ?? null) : read;
    },

    async accept(namespace, documentId, accepted, nowMs, deadline) {
      const statements = accepting(namespace, documentId, accepted, nowMs, quotaParameter(defaultQuotas));
      const written = await database.batch('accept', statements, deadline);
      if (!written.ok) return written;
      const [, judged, , upserted] = written.value;
      if (upserted?.rows.length === 1) return succeed('accepted');
      const [verdict] = parseRows(verdictRow, judged);
      return succeed(verdict === undefined ? 'outrun' : (overQuotaOf(verdict) ?? 'outrun'));
    },

    async markDeleting(namespace, documentId, nowMs, deadline) {
      const mark = { sql: MARK_DELETING, parameters: [namespace, documentId, nowMs] };
      const marked = await database.batch('mark-deleting', [mark, selectRecord(namespace, documentId)], deadline);
      return marked.ok ? succeed(parseRows(documentRow, marked.value[1])[0] ?? null) : marked;
    },

    async markEnqueued(documents, nowMs, deadline) {
      const keys = documents.map(({ namespace, documentId, version }) => [namespace, documentId, version]);
      const mark = { sql: MARK_ENQUEUED, parameters: [JSON.stringify(keys), nowMs] };
      const marked = await database.batch('mark-enqueued', [mark], deadline);
      return marked.ok ? succeed(undefined) : marked;
    },
  };
}

const duplicateRow = z.object({ documentId: z.string() });
const acceptedAfterRow = z.object({ acceptedAfter: z.number() });

const SELECT_ACCEPTED_AFTER = `
  SELECT accepted_after AS acceptedAfter FROM namespaces WHERE namespace = ?1`;

const SELECT_DUPLICATE = `
  SELECT d.document_id AS documentId
  FROM document_versions v
  JOIN documents d ON d.namespace = v.namespace AND d.document_id = v.document_id AND d.version = v.version
  WHERE v.namespace = ?1 AND v.document_id <> ?2 AND v.content_hash = ?3 AND d.state <> 'deleting'
    AND d.version > (SELECT erased_up_to FROM namespaces n WHERE n.namespace = ?1)
  ORDER BY v.version
  LIMIT 1`;

const INSERT_NAMESPACE = `
  INSERT INTO namespaces (namespace, created_at_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING`;

const UNCHANGED_SINCE = `
  (SELECT version FROM documents WHERE namespace = ?1 AND document_id = ?2) IS ?3
  AND ?4 > (SELECT accepted_after FROM namespaces WHERE namespace = ?1)`;

// In the transaction that counts what it accepts: two at once cannot both take the last place.
const JUDGE = `
  SELECT ${exceededByVersion('?5', '?6')} AS quota, ${usageColumns('?6')}
  FROM namespaces n WHERE n.namespace = ?1 AND ${UNCHANGED_SINCE}`;

const INSERT_VERSION = `
  INSERT INTO document_versions (namespace, document_id, version, object_key, identity_hash, content_hash,
                                 content_type, content_bytes, title, url, metadata)
  SELECT ?1, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
  FROM namespaces n WHERE n.namespace = ?1 AND ${UNCHANGED_SINCE} AND ${exceededByVersion('?9', '?13')} IS NULL`;

// What makes this and the next statement happen together with the one before, or not at all.
const IS_INSERTED = `
  EXISTS (SELECT 1 FROM document_versions WHERE namespace = ?1 AND document_id = ?2 AND version = ?4)`;

// A lease is left alone: whoever works on the version before notices and stops, and until then nobody else begins.
const UPSERT_DOCUMENT = `
  INSERT INTO documents (namespace, document_id, version, state, created_at_ms, updated_at_ms)
  SELECT ?1, ?2, ?4, 'queued', ?5, ?5
  WHERE ${UNCHANGED_SINCE} AND ${IS_INSERTED}
  ON CONFLICT (namespace, document_id) DO UPDATE SET
    created_at_ms = CASE
      WHEN state = 'deleting' OR version <= (SELECT erased_up_to FROM namespaces n WHERE n.namespace = ?1)
      THEN excluded.created_at_ms ELSE created_at_ms END,
    version = excluded.version, state = 'queued', stage = NULL, chunks_done = 0, chunks_total = 0, attempts = 0,
    interruptions = 0, error_code = NULL, error_message = NULL, next_retry_at_ms = NULL, enqueued_at_ms = NULL,
    updated_at_ms = excluded.updated_at_ms
  RETURNING version`;

const REVIVE_NAMESPACE = `
  UPDATE namespaces SET deleted_at_ms = NULL, created_at_ms = ?5
  WHERE namespace = ?1 AND deleted_at_ms IS NOT NULL
    AND EXISTS (SELECT 1 FROM documents WHERE namespace = ?1 AND document_id = ?2 AND version = ?4)`;

const MARK_DELETING = `
  UPDATE documents SET
    state = 'deleting', live_version = NULL, stage = NULL, chunks_done = 0, chunks_total = 0, attempts = 0,
    interruptions = 0, error_code = NULL, error_message = NULL, next_retry_at_ms = NULL, enqueued_at_ms = NULL,
    updated_at_ms = ?3
  WHERE namespace = ?1 AND document_id = ?2 AND state <> 'deleting'`;

const MARK_ENQUEUED = `
  UPDATE documents SET enqueued_at_ms = ?2
  FROM json_each(?1) AS sent
  WHERE documents.namespace = sent.value ->> 0 AND documents.document_id = sent.value ->> 1
    AND documents.version = sent.value ->> 2`;

function accepting(
  namespace: string,
  documentId: string,
  accepted: NewVersion,
  nowMs: number,
  quotas: string,
): Statement[] {
  const { previousVersion, version, objectKey, identityHash, contentHash, contentType, contentBytes } = accepted;
  const described = [contentType, contentBytes, accepted.title, accepted.url, JSON.stringify(accepted.metadata)];
  const key = [namespace, documentId, previousVersion, version];
  return [
    { sql: INSERT_NAMESPACE, parameters: [namespace, nowMs] },
    { sql: JUDGE, parameters: [...key, contentBytes, quotas] },
    { sql: INSERT_VERSION, parameters: [...key, objectKey, identityHash, contentHash, ...described, quotas] },
    { sql: UPSERT_DOCUMENT, parameters: [...key, nowMs] },
    { sql: REVIVE_NAMESPACE, parameters: [...key, nowMs] },
  ];
}
