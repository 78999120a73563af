import * as z from 'zod';
import type { Metadata } from '../retrieval/passage.ts';
import type { Statement } from './catalog-database.ts';
import type { DocumentFailure, DocumentState, DocumentStatus } from './document-status.ts';

const metadata: z.ZodType<Metadata> = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
);

const storeHolding = z.object({
  store: z.string(),
  version: z.number().int(),
  receipt: z.string(),
  confirmed: z.number().transform((value) => value === 1),
});

/** A document with its newest version and what the stores hold, as one row. */
export const documentRow = z.object({
  namespace: z.string(),
  documentId: z.string(),
  version: z.number().int(),
  liveVersion: z.number().int().nullable(),
  state: z.enum(['queued', 'processing', 'ready', 'failed', 'deleting']),
  stage: z.enum(['converting', 'chunking', 'embedding', 'indexing']).nullable(),
  chunksDone: z.number().int(),
  chunksTotal: z.number().int(),
  attempts: z.number().int(),
  /** Attempts in a row that were cut off. */
  interruptions: z.number().int(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
  nextRetryAtMs: z.number().int().nullable(),
  leaseToken: z.string().nullable(),
  leaseUntilMs: z.number().int().nullable(),
  createdAtMs: z.number().int(),
  updatedAtMs: z.number().int(),
  objectKey: z.string(),
  identityHash: z.string(),
  contentHash: z.string(),
  contentType: z.string(),
  contentBytes: z.number().int(),
  sourceUrl: z.string().nullable(),
  title: z.string().nullable(),
  url: z.string().nullable(),
  metadata: z.preprocess((json) => JSON.parse(String(json)), metadata),
  /** How the version's chunks were made; `null` before there are any. */
  fingerprint: z.string().nullable(),
  /** Versions before this one of which something may be left somewhere. */
  olderVersions: z.number().int(),
  holdings: z.preprocess((json) => JSON.parse(String(json)), z.array(storeHolding)),
});

export type DocumentRecord = z.infer<typeof documentRow>;
export type StoreHolding = z.infer<typeof storeHolding>;

/** The state of `d` in the namespace `n`: a whole namespace is deleted at once, its rows follow. */
export const STATE_NOW = `CASE WHEN d.version <= n.erased_up_to THEN 'deleting' ELSE d.state END`;

/** Records, to be narrowed down, of the documents in `source`: `d` are these, `v` their newest versions. */
export function selectRecords(source: string): string {
  return `
  SELECT d.namespace, d.document_id AS documentId, d.version,
         CASE WHEN d.live_version > n.erased_up_to THEN d.live_version END AS liveVersion,
         ${STATE_NOW} AS state, d.stage,
         d.chunks_done AS chunksDone, d.chunks_total AS chunksTotal, d.attempts, d.interruptions,
         d.error_code AS errorCode, d.error_message AS errorMessage, d.next_retry_at_ms AS nextRetryAtMs, d.lease_token AS leaseToken,
         d.lease_until_ms AS leaseUntilMs, d.created_at_ms AS createdAtMs, d.updated_at_ms AS updatedAtMs,
         v.object_key AS objectKey, v.identity_hash AS identityHash, v.content_hash AS contentHash,
         v.content_type AS contentType, v.content_bytes AS contentBytes, v.source_url AS sourceUrl, v.title, v.url, v.metadata,
         v.fingerprint,
         (SELECT count(*) FROM document_versions o
          WHERE o.namespace = d.namespace AND o.document_id = d.document_id AND o.version < d.version) AS olderVersions,
         (SELECT json_group_array(json_object('store', s.store, 'version', s.version, 'receipt', s.receipt,
                                              'confirmed', s.confirmed))
          FROM document_stores s WHERE s.namespace = d.namespace AND s.document_id = d.document_id) AS holdings
  FROM ${source} d
  JOIN namespaces n ON n.namespace = d.namespace
  JOIN document_versions v
    ON v.namespace = d.namespace AND v.document_id = d.document_id AND v.version = d.version`;
}

const SELECT_RECORD = `${selectRecords('documents')}
  WHERE d.namespace = ?1 AND d.document_id = ?2`;

export function selectRecord(namespace: string, documentId: string): Statement {
  return { sql: SELECT_RECORD, parameters: [namespace, documentId] };
}

/** The public view of a record. A store is current when queries to it see the version that is live. */
export function statusOf(record: DocumentRecord, storeNames: string[]): DocumentStatus {
  const { namespace, documentId, version, liveVersion, title, url, contentType, contentBytes, contentHash } = record;
  const current = new Set(
    record.holdings.filter((held) => held.confirmed && held.version === liveVersion).map((held) => held.store),
  );
  return {
    namespace,
    documentId,
    state: stateOf(record),
    lastFailure: lastFailureOf(record),
    version,
    liveVersion,
    stores: Object.fromEntries(storeNames.map((store) => [store, current.has(store) ? 'current' : 'behind'])),
    title,
    url,
    contentType,
    contentBytes,
    sourceUrl: record.sourceUrl,
    contentHash,
    metadata: record.metadata,
    createdAtMs: record.createdAtMs,
    updatedAtMs: record.updatedAtMs,
  };
}

function stateOf(record: DocumentRecord): DocumentState {
  const { state, stage, chunksDone, chunksTotal } = record;
  switch (state) {
    case 'processing':
      return { state, stage: stage ?? 'chunking', done: chunksDone, total: chunksTotal };
    case 'failed':
      return { state, ...failureOf(record) };
    default:
      return { state };
  }
}

/** What keeps a document from being ready; once it is live, what it lacks is said of its stores. */
function lastFailureOf(record: DocumentRecord): DocumentFailure | null {
  const isUnready = record.state === 'queued' || record.state === 'processing' || record.state === 'failed';
  return isUnready && record.errorCode !== null ? failureOf(record) : null;
}

// What a document that was given up waits for is the removal of what was before it.
function failureOf({ state, errorCode, errorMessage, attempts, ...record }: DocumentRecord): DocumentFailure {
  const nextRetryAtMs = state === 'failed' ? null : record.nextRetryAtMs;
  return { code: errorCode ?? 'UNKNOWN', message: errorMessage ?? '', attempts, nextRetryAtMs };
}
