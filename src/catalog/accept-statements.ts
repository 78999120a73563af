import * as z from 'zod';
import type { Statement } from './catalog-database.ts';
import { selectRecords } from './document-record.ts';
import type { AcceptedDocument, AskedDocument } from './documents.ts';
import { limiting, type Quotas } from './quotas.ts';

// A Worker may make 1,000 queries an invocation (https://developers.cloudflare.com/d1/platform/limits/), and a request
// may bring as many documents: each statement takes as many as are there, as one JSON array.

export const duplicateRow = z.object({ documentId: z.string(), duplicateOf: z.string().nullable() });
export const acceptedRow = z.object({ documentId: z.string() });

const SELECT_MANY = `${selectRecords('documents')}
  WHERE d.namespace = ?1 AND d.document_id IN (SELECT value ->> 'documentId' FROM json_each(?2))`;

const SELECT_DUPLICATES = `
  SELECT asked.value ->> 'documentId' AS documentId,
         (SELECT d.document_id
          FROM document_versions v
          JOIN documents d ON d.namespace = v.namespace AND d.document_id = v.document_id AND d.version = v.version
          WHERE v.namespace = ?1 AND v.content_hash = asked.value ->> 'contentHash'
            AND v.document_id <> asked.value ->> 'documentId' AND d.state <> 'deleting'
            AND d.version > (SELECT erased_up_to FROM namespaces n WHERE n.namespace = ?1)
          ORDER BY v.version
          LIMIT 1) AS duplicateOf
  FROM json_each(?2) AS asked`;

/** The records of the documents, then a `duplicateRow` for each. */
export function lookingUp(namespace: string, asked: AskedDocument[]): Statement[] {
  const parameters = [namespace, JSON.stringify(asked)];
  return [
    { sql: SELECT_MANY, parameters },
    { sql: SELECT_DUPLICATES, parameters },
  ];
}

const INSERT_NAMESPACE = `
  INSERT INTO namespaces (namespace, created_at_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING`;

const IS_ALIVE = `
  state <> 'deleting' AND version > (SELECT erased_up_to FROM namespaces n WHERE n.namespace = ?1)`;

// The condition makes this and the next statement happen together or not at all, for each document.
const UNCHANGED_SINCE = `
  (SELECT version FROM documents
   WHERE namespace = ?1 AND document_id = new.value ->> 'documentId'
     AND (new.value ->> 'mayRevive' OR (${IS_ALIVE} AND EXISTS (
       SELECT 1 FROM document_versions v
       WHERE v.namespace = ?1 AND v.document_id = new.value ->> 'documentId'
         AND v.version = new.value ->> 'previousVersion' AND v.title IS new.value ->> '$.previous.title'
         AND v.content_hash IS new.value ->> '$.previous.contentHash'
         AND json(v.metadata) IS new.value -> '$.previous.metadata'))))
    IS new.value ->> 'previousVersion'`;

const INSERT_VERSIONS = `
  INSERT INTO document_versions (namespace, document_id, version, object_key, identity_hash, content_hash,
                                 content_type, content_bytes, source_url, title, url, metadata)
  SELECT ?1, new.value ->> 'documentId', new.value ->> 'version', new.value ->> 'objectKey',
         new.value ->> 'identityHash', new.value ->> 'contentHash', new.value ->> 'contentType',
         new.value ->> 'contentBytes', new.value ->> 'sourceUrl', new.value ->> 'title', new.value ->> 'url', new.value -> 'metadata'
  FROM json_each(?2) AS new
  WHERE ${UNCHANGED_SINCE}`;

// The database itself leaves out a version that its namespace does not take (migration 0009).
const IS_INSERTED = `
  EXISTS (SELECT 1 FROM document_versions
          WHERE namespace = ?1 AND document_id = new.value ->> 'documentId' AND version = new.value ->> 'version')`;

// A lease is left alone: whoever works on the version before notices and stops, and until then nobody else begins.
const UPSERT_DOCUMENTS = `
  INSERT INTO documents (namespace, document_id, version, state, created_at_ms, updated_at_ms)
  SELECT ?1, new.value ->> 'documentId', new.value ->> 'version', 'queued', new.value ->> 'nowMs', new.value ->> 'nowMs'
  FROM json_each(?2) AS new
  WHERE ${UNCHANGED_SINCE} AND ${IS_INSERTED}
  ON CONFLICT (namespace, document_id) DO UPDATE SET
    created_at_ms = CASE WHEN ${IS_ALIVE} THEN created_at_ms ELSE excluded.created_at_ms END,
    version = excluded.version, state = 'queued', stage = NULL, chunks_done = 0, chunks_total = 0, attempts = 0,
    interruptions = 0, error_code = NULL, error_message = NULL, next_retry_at_ms = NULL, enqueued_at_ms = NULL,
    updated_at_ms = excluded.updated_at_ms
  RETURNING document_id AS documentId`;

/** One transaction; the last statement has an `acceptedRow` for each document that was accepted. */
export function accepting(namespace: string, accepted: AcceptedDocument[], defaultQuotas: Quotas): Statement[] {
  const nowMs = Math.max(0, ...accepted.map((document) => document.nowMs));
  const rows = accepted.map(({ documentId, version, nowMs }) => ({ documentId, nowMs, ...version }));
  const parameters = [namespace, JSON.stringify(rows)];
  return [
    { sql: INSERT_NAMESPACE, parameters: [namespace, nowMs] },
    limiting(namespace, defaultQuotas),
    { sql: INSERT_VERSIONS, parameters },
    { sql: UPSERT_DOCUMENTS, parameters },
  ];
}
