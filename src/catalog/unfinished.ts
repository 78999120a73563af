import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';

const unfinishedRow = z.object({
  namespace: z.string(),
  documentId: z.string(),
  version: z.number().int(),
  state: z.enum(['queued', 'processing', 'ready', 'failed', 'deleting']),
  hasExpiredLease: z.number().transform((value) => value === 1),
});

export type UnfinishedDocument = z.infer<typeof unfinishedRow>;

export interface Unfinished {
  /**
   * Documents of every namespace that need a message although the queue may have none for them, those first that have
   * gone longest without one. Neither documents being deleted nor the others take more than half of `limit` from each
   * other.
   */
  find(
    options: { nowMs: number; requeueAfterMs: number; limit: number },
    deadline: Deadline,
  ): Promise<Result<UnfinishedDocument[], UpstreamError>>;
  /** How many documents are not done with, of every namespace; counts no further than `most`. */
  count(most: number, deadline: Deadline): Promise<Result<number, UpstreamError>>;
}

export function createUnfinished(database: CatalogDatabase): Unfinished {
  return {
    async find({ nowMs, requeueAfterMs, limit }, deadline) {
      const parameters = [nowMs, nowMs - requeueAfterMs, limit];
      const statements = [SELECT_UNFINISHED, SELECT_DELETING].map((sql) => ({ sql, parameters }));
      const read = await database.batch('find-unfinished', statements, deadline);
      if (!read.ok) return read;
      const [others, deleting] = read.value.map((rows) => parseRows(unfinishedRow, rows));
      return succeed(inShares(others ?? [], deleting ?? [], limit));
    },

    async count(most, deadline) {
      const count = { sql: COUNT_UNFINISHED, parameters: [most] };
      const read = await database.batch('count-unfinished', [count], deadline);
      return read.ok ? succeed(parseRows(countRow, read.value[0])[0]?.documents ?? 0) : read;
    },
  };
}

const countRow = z.object({ documents: z.number() });

// The conditions of their indexes, word for word.
const IS_UNFINISHED = `state <> 'deleting'
    AND (state IN ('queued', 'processing') OR next_retry_at_ms IS NOT NULL OR lease_token IS NOT NULL)`;
const IS_DELETING = `state = 'deleting'`;

// Those that somebody waits for.
export const COUNT_UNFINISHED = `
  SELECT count(*) AS documents FROM (
    SELECT 1 FROM documents INDEXED BY documents_unfinished
    WHERE ${IS_UNFINISHED} AND state IN ('queued', 'processing')
    LIMIT ?1)`;

export const SELECT_UNFINISHED = selectDue('documents_unfinished', IS_UNFINISHED);
export const SELECT_DELETING = selectDue('documents_deleting', IS_DELETING);

// A message is due when the queue never took one, when it took the last one before the lease that has now expired, or
// when that one should have been delivered long ago. What is sent goes to the end: a document comes round again only
// after all others.
function selectDue(index: string, condition: string): string {
  return `
  SELECT namespace, document_id AS documentId, version, state, lease_token IS NOT NULL AS hasExpiredLease
  FROM documents INDEXED BY ${index}
  WHERE ${condition}
    AND (lease_token IS NULL OR lease_until_ms <= ?1)
    AND COALESCE(next_retry_at_ms, 0) <= ?1
    AND (enqueued_at_ms IS NULL
         OR (lease_token IS NOT NULL AND enqueued_at_ms <= lease_until_ms)
         OR MAX(enqueued_at_ms, COALESCE(next_retry_at_ms, 0)) <= ?2)
  ORDER BY COALESCE(enqueued_at_ms, updated_at_ms)
  LIMIT ?3`;
}

/** The first of both: a half each, and what the other leaves of its own. */
function inShares<T>(ones: T[], others: T[], limit: number): T[] {
  const taken = ones.slice(0, Math.max(Math.ceil(limit / 2), limit - others.length));
  return [...taken, ...others.slice(0, limit - taken.length)];
}
