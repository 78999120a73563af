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
  /** Documents, of every namespace and oldest first, that need a message although the queue may have none for them. */
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
      const select = { sql: SELECT_UNFINISHED, parameters: [nowMs, nowMs - requeueAfterMs, limit] };
      const read = await database.batch('find-unfinished', [select], deadline);
      return read.ok ? succeed(parseRows(unfinishedRow, read.value[0])) : read;
    },

    async count(most, deadline) {
      const count = { sql: COUNT_UNFINISHED, parameters: [most] };
      const read = await database.batch('count-unfinished', [count], deadline);
      return read.ok ? succeed(parseRows(countRow, read.value[0])[0]?.documents ?? 0) : read;
    },
  };
}

const countRow = z.object({ documents: z.number() });

// The index's own condition, word for word; of those, documents that somebody waits for.
const COUNT_UNFINISHED = `
  SELECT count(*) AS documents FROM (
    SELECT 1 FROM documents
    WHERE (state IN ('queued', 'processing', 'deleting') OR next_retry_at_ms IS NOT NULL OR lease_token IS NOT NULL)
      AND state IN ('queued', 'processing')
    LIMIT ?1)`;

// Its first line is the index's own condition. A message is due when the queue never took one, when it took the last
// one before the lease that has now expired, or when that one should have been delivered long ago.
export const SELECT_UNFINISHED = `
  SELECT namespace, document_id AS documentId, version, state, lease_token IS NOT NULL AS hasExpiredLease
  FROM documents
  WHERE (state IN ('queued', 'processing', 'deleting') OR next_retry_at_ms IS NOT NULL OR lease_token IS NOT NULL)
    AND (lease_token IS NULL OR lease_until_ms <= ?1)
    AND COALESCE(next_retry_at_ms, 0) <= ?1
    AND (enqueued_at_ms IS NULL
         OR (lease_token IS NOT NULL AND enqueued_at_ms <= lease_until_ms)
         OR MAX(enqueued_at_ms, COALESCE(next_retry_at_ms, 0)) <= ?2)
  ORDER BY updated_at_ms
  LIMIT ?3`;
