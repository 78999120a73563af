import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { Metadata } from '../retrieval/passage.ts';
import { type CatalogDatabase, parseRows, type Statement } from './catalog-database.ts';
import { type DocumentRecord, documentRow, selectRecord } from './document-record.ts';

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
  /** Where the content is read; `null` for what came with the request. */
  sourceUrl: string | null;
  title: string | null;
  url: string | null;
  metadata: Metadata;
}

export interface DocumentKey {
  namespace: string;
  documentId: string;
  version: number;
}

export interface Documents {
  /** The document, and another one alive in the namespace with the same content. */
  lookUp(
    namespace: string,
    documentId: string,
    contentHash: string,
    deadline: Deadline,
  ): Promise<Result<{ record: DocumentRecord | null; duplicateOf: string | null }, UpstreamError>>;
  find(
    namespace: string,
    documentId: string,
    deadline: Deadline,
  ): Promise<Result<DocumentRecord | null, UpstreamError>>;
  /** Makes the version the newest one; `false` when somebody else was faster. Creates the namespace. */
  accept(
    namespace: string,
    documentId: string,
    accepted: NewVersion,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<boolean, UpstreamError>>;
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

export function createDocuments(database: CatalogDatabase): Documents {
  return {
    async lookUp(namespace, documentId, contentHash, deadline) {
      const duplicate = { sql: SELECT_DUPLICATE, parameters: [namespace, documentId, contentHash] };
      const read = await database.batch('look-up', [selectRecord(namespace, documentId), duplicate], deadline);
      if (!read.ok) return read;
      const [record] = parseRows(documentRow, read.value[0]);
      const [other] = parseRows(duplicateRow, read.value[1]);
      return succeed({ record: record ?? null, duplicateOf: other?.documentId ?? null });
    },

    async find(namespace, documentId, deadline) {
      const read = await database.batch('find', [selectRecord(namespace, documentId)], deadline);
      return read.ok ? succeed(parseRows(documentRow, read.value[0])[0] ?? null) : read;
    },

    async accept(namespace, documentId, accepted, nowMs, deadline) {
      const written = await database.batch('accept', accepting(namespace, documentId, accepted, nowMs), deadline);
      return written.ok ? succeed(written.value.at(-1)?.changes === 1) : written;
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

const SELECT_DUPLICATE = `
  SELECT d.document_id AS documentId
  FROM document_versions v
  JOIN documents d ON d.namespace = v.namespace AND d.document_id = v.document_id AND d.version = v.version
  WHERE v.namespace = ?1 AND v.document_id <> ?2 AND v.content_hash = ?3 AND d.state <> 'deleting'
  ORDER BY v.version
  LIMIT 1`;

const INSERT_NAMESPACE = `
  INSERT INTO namespaces (namespace, created_at_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING`;

// The condition makes this and the next statement happen together or not at all.
const UNCHANGED_SINCE = `
  (SELECT version FROM documents WHERE namespace = ?1 AND document_id = ?2) IS ?3`;

const INSERT_VERSION = `
  INSERT INTO document_versions (namespace, document_id, version, object_key, identity_hash, content_hash,
                                 content_type, content_bytes, source_url, title, url, metadata)
  SELECT ?1, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
  WHERE ${UNCHANGED_SINCE}`;

// A lease is left alone: whoever works on the version before notices and stops, and until then nobody else begins.
const UPSERT_DOCUMENT = `
  INSERT INTO documents (namespace, document_id, version, state, created_at_ms, updated_at_ms)
  SELECT ?1, ?2, ?4, 'queued', ?5, ?5
  WHERE ${UNCHANGED_SINCE}
  ON CONFLICT (namespace, document_id) DO UPDATE SET
    created_at_ms = CASE state WHEN 'deleting' THEN excluded.created_at_ms ELSE created_at_ms END,
    version = excluded.version, state = 'queued', stage = NULL, chunks_done = 0, chunks_total = 0, attempts = 0,
    interruptions = 0, error_code = NULL, error_message = NULL, next_retry_at_ms = NULL, enqueued_at_ms = NULL,
    updated_at_ms = excluded.updated_at_ms`;

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

function accepting(namespace: string, documentId: string, accepted: NewVersion, nowMs: number): Statement[] {
  const { previousVersion, version, objectKey, identityHash, contentHash, contentType, contentBytes } = accepted;
  const { sourceUrl, title, url, metadata } = accepted;
  const described = [contentType, contentBytes, sourceUrl, title, url, JSON.stringify(metadata)];
  const key = [namespace, documentId, previousVersion, version];
  return [
    { sql: INSERT_NAMESPACE, parameters: [namespace, nowMs] },
    { sql: INSERT_VERSION, parameters: [...key, objectKey, identityHash, contentHash, ...described] },
    { sql: UPSERT_DOCUMENT, parameters: [...key, nowMs] },
  ];
}
