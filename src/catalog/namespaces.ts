import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement, type StatementResult } from './catalog-database.ts';
import { effectiveQuota, QUOTA_NAMES, type QuotaName, type Quotas, quotaParameter } from './quotas.ts';

/** What a namespace holds, and what it may hold. */
export interface NamespaceRecord {
  namespace: string;
  isDeleted: boolean;
  createdAtMs: number;
  documents: { total: number; queued: number; processing: number; ready: number; failed: number; deleting: number };
  chunks: number;
  bytes: number;
  quotas: Quotas;
}

/** A quota that is not named is the deployment's default; `null` is none. */
export type OwnQuotas = { [quota in QuotaName]?: number | null | undefined };

export interface Namespaces {
  exists(namespace: string, deadline: Deadline): Promise<Result<boolean, UpstreamError>>;
  /** `null` when there is none, or nothing is left of it. */
  find(namespace: string, deadline: Deadline): Promise<Result<NamespaceRecord | null, UpstreamError>>;
  /** In the order of their names, those after the one given. */
  list(page: { after: string; limit: number }, deadline: Deadline): Promise<Result<NamespaceRecord[], UpstreamError>>;
  /** Creates the namespace, or brings a deleted one back. `quotas` replace those it had; without any, they stay. */
  put(
    namespace: string,
    quotas: OwnQuotas | null,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<NamespaceRecord, UpstreamError>>;
}

export function createNamespaces(database: CatalogDatabase, defaultQuotas: Quotas): Namespaces {
  const defaults = quotaParameter(defaultQuotas);
  const select = (source: string, parameters: Statement['parameters']): Statement[] => [
    { sql: selectNamespaces(source), parameters: [defaults, ...parameters] },
    { sql: selectStates(source), parameters: [defaults, ...parameters] },
  ];
  return {
    async exists(namespace, deadline) {
      const sql = 'SELECT 1 FROM namespaces WHERE namespace = ?1 AND deleted_at_ms IS NULL';
      const read = await database.batch('namespace-exists', [{ sql, parameters: [namespace] }], deadline);
      return read.ok ? succeed(read.value[0]?.rows.length === 1) : read;
    },

    async find(namespace, deadline) {
      const read = await database.batch('find-namespace', select(ONE, [namespace]), deadline);
      return read.ok ? succeed(recordsOf(read.value)[0] ?? null) : read;
    },

    async list({ after, limit }, deadline) {
      const read = await database.batch('list-namespaces', select(PAGE, [after, limit]), deadline);
      return read.ok ? succeed(recordsOf(read.value)) : read;
    },

    async put(namespace, quotas, nowMs, deadline) {
      const own = quotas && JSON.stringify(QUOTA_NAMES.map((quota) => stored(quotas[quota])));
      const statements = [{ sql: PUT, parameters: [namespace, nowMs, own] }, ...select(ONE, [namespace])];
      const put = await database.batch('put-namespace', statements, deadline);
      if (!put.ok) return put;
      const [record] = recordsOf(put.value.slice(1));
      if (record === undefined) throw new Error('a namespace is not there right after it was written');
      return succeed(record);
    },
  };
}

function stored(quota: number | null | undefined): number | null {
  return quota === undefined ? null : (quota ?? 0);
}

const namespaceRow = z.object({
  namespace: z.string(),
  createdAtMs: z.number(),
  isDeleted: z.number().transform((value) => value === 1),
  documents: z.number(),
  chunks: z.number(),
  bytes: z.number(),
  maxDocuments: z.number(),
  maxChunks: z.number(),
  maxBytes: z.number(),
});

const stateRow = z.object({
  namespace: z.string(),
  state: z.enum(['queued', 'processing', 'failed', 'deleting']),
  documents: z.number(),
});

function recordsOf([namespaces, states]: StatementResult[]): NamespaceRecord[] {
  const counts = Map.groupBy(parseRows(stateRow, states), ({ namespace }) => namespace);
  return parseRows(namespaceRow, namespaces).map(({ documents, maxDocuments, maxChunks, maxBytes, ...row }) => {
    const counted = { queued: 0, processing: 0, failed: 0, deleting: 0 };
    for (const { state, documents: some } of counts.get(row.namespace) ?? []) counted[state] = some;
    const unready = counted.queued + counted.processing + counted.failed + counted.deleting;
    const byState = row.isDeleted
      ? { queued: 0, processing: 0, ready: 0, failed: 0, deleting: documents }
      : { ...counted, ready: documents - unready };
    const quotas = { documents: maxDocuments || null, chunks: maxChunks || null, bytes: maxBytes || null };
    return { ...row, documents: { total: documents, ...byState }, quotas };
  });
}

// Of a deleted namespace the row is left; as long as documents are too, it is being deleted.
const IS_THERE = '(n.deleted_at_ms IS NULL OR n.documents > 0)';
const ONE = `FROM namespaces n WHERE n.namespace = ?2 AND ${IS_THERE}`;
const PAGE = `FROM namespaces n WHERE n.namespace > ?2 AND ${IS_THERE} ORDER BY n.namespace LIMIT ?3`;

function selectNamespaces(source: string): string {
  return `
    SELECT n.namespace, n.created_at_ms AS createdAtMs, n.deleted_at_ms IS NOT NULL AS isDeleted,
      n.documents, n.chunks, n.bytes, ${effectiveQuota('documents', '?1')} AS maxDocuments,
      ${effectiveQuota('chunks', '?1')} AS maxChunks, ${effectiveQuota('bytes', '?1')} AS maxBytes
    ${source}`;
}

// Most documents are ready: their number is what is left, and no row of theirs is read.
function selectStates(source: string): string {
  return `
    SELECT namespace, state, count(*) AS documents FROM documents
    WHERE namespace IN (SELECT n.namespace ${source}) AND state <> 'ready' AND ?1 IS NOT NULL
    GROUP BY namespace, state`;
}

const PUT = `
  INSERT INTO namespaces (namespace, created_at_ms, max_documents, max_chunks, max_bytes)
  VALUES (?1, ?2, ?3 ->> 0, ?3 ->> 1, ?3 ->> 2)
  ON CONFLICT (namespace) DO UPDATE SET
    max_documents = CASE WHEN ?3 IS NULL THEN max_documents ELSE excluded.max_documents END,
    max_chunks = CASE WHEN ?3 IS NULL THEN max_chunks ELSE excluded.max_chunks END,
    max_bytes = CASE WHEN ?3 IS NULL THEN max_bytes ELSE excluded.max_bytes END,
    created_at_ms = CASE WHEN deleted_at_ms IS NULL THEN created_at_ms ELSE excluded.created_at_ms END,
    deleted_at_ms = NULL`;
