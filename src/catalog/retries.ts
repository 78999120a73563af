import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { MetadataFilter } from '../retrieval/filters/metadata-filter.ts';
import { toSqlCondition } from '../retrieval/filters/to-sql-condition.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import { type DocumentRecord, documentRow, selectRecord } from './document-record.ts';

/** Failed documents were given up; those of another state wait for their next attempt. */
export const RETRIABLE_STATES = ['failed', 'queued', 'processing', 'ready'] as const;

export interface RetriesAsked {
  states: (typeof RETRIABLE_STATES)[number][];
  /** Of the last error; `null`: any. */
  codes: string[] | null;
  /** On the metadata of each document's newest version. */
  filter: MetadataFilter | null;
  limit: number;
}

export interface Retries {
  /**
   * Puts the document back to where a message has it tried, unless somebody is at it or nothing is left to do.
   * `stores` are those that should hold it. `null` when there is no such document.
   */
  retry(
    namespace: string,
    documentId: string,
    options: { stores: string[]; nowMs: number },
    deadline: Deadline,
  ): Promise<Result<{ record: DocumentRecord; isPutBack: boolean } | null, UpstreamError>>;
  /** The same for as many as `limit` of those that match, the longest untouched first. */
  retryMatching(
    namespace: string,
    asked: RetriesAsked,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<{ matched: number; putBack: { documentId: string; version: number }[] }, UpstreamError>>;
}

export function createRetries(database: CatalogDatabase): Retries {
  return {
    async retry(namespace, documentId, { stores, nowMs }, deadline) {
      const put = { sql: PUT_BACK_ONE, parameters: [namespace, documentId, nowMs, JSON.stringify(stores)] };
      const written = await database.batch('retry', [put, selectRecord(namespace, documentId)], deadline);
      if (!written.ok) return written;
      const [record] = parseRows(documentRow, written.value[1]);
      if (record === undefined) return succeed(null);
      return succeed({ record, isPutBack: written.value[0]?.rows.length === 1 });
    },

    async retryMatching(namespace, { states, codes, filter, limit }, nowMs, deadline) {
      const condition =
        filter === null ? { sql: '?5 IS NULL', operands: null } : toSqlCondition(filter, 'v.metadata', '?5');
      const asked = [namespace, nowMs, JSON.stringify(states), codes && JSON.stringify(codes), condition.operands];
      const matching = selectMatching(condition.sql);
      const statements = [
        { sql: `SELECT count(*) AS matched FROM (${matching})`, parameters: asked },
        { sql: putBackMatching(matching), parameters: [...asked, limit] },
      ];
      const written = await database.batch('retry-matching', statements, deadline);
      if (!written.ok) return written;
      const matched = parseRows(matchedRow, written.value[0])[0]?.matched ?? 0;
      return succeed({ matched, putBack: parseRows(putBackRow, written.value[1]) });
    },
  };
}

const matchedRow = z.object({ matched: z.number().int() });
const putBackRow = z.object({ documentId: z.string(), version: z.number().int() });

// The last error stays until the next attempt has ended. Due now and in nobody's queue: an outbox for the sweep, also
// of a document that is ready.
const PUT_BACK = (now: string) => `
    state = CASE state WHEN 'failed' THEN 'queued' ELSE state END,
    stage = CASE state WHEN 'failed' THEN NULL ELSE stage END,
    attempts = 0, interruptions = 0, next_retry_at_ms = ${now}, enqueued_at_ms = NULL, updated_at_ms = ${now}`;

// Whoever holds one that has failed removes what was before it, and stops.
const IS_FREE = (now: string) => `(state = 'failed' OR lease_token IS NULL OR lease_until_ms <= ${now})`;
// Deleted with its whole namespace, whatever its row still says.
const IS_ERASED = 'version <= (SELECT erased_up_to FROM namespaces n WHERE n.namespace = ?1)';

// What a ready document may lack is what a claim asks about.
const PUT_BACK_ONE = `
  UPDATE documents SET ${PUT_BACK('?3')}
  WHERE namespace = ?1 AND document_id = ?2 AND ${IS_FREE('?3')} AND (state = 'deleting' OR NOT ${IS_ERASED})
    AND (state <> 'ready' OR next_retry_at_ms IS NOT NULL
         OR EXISTS (SELECT 1 FROM document_versions v
                    WHERE v.namespace = ?1 AND v.document_id = ?2 AND v.version < documents.version)
         OR json_array_length(?4) > (SELECT count(*) FROM document_stores s
                                     WHERE s.namespace = ?1 AND s.document_id = ?2 AND s.version = documents.version
                                       AND s.confirmed AND s.store IN (SELECT value FROM json_each(?4))))
  RETURNING version`;

// Its second line is the index's own condition. What was put back is due, and no longer matches.
function selectMatching(condition: string): string {
  return `
    SELECT d.document_id FROM documents d INDEXED BY documents_retriable
    JOIN document_versions v
      ON v.namespace = d.namespace AND v.document_id = d.document_id AND v.version = d.version
    WHERE d.namespace = ?1 AND (d.state = 'failed' OR d.next_retry_at_ms IS NOT NULL)
      AND (d.state = 'failed' OR d.next_retry_at_ms > ?2)
      AND NOT d.${IS_ERASED} AND d.state IN (SELECT value FROM json_each(?3))
      AND (?4 IS NULL OR d.error_code IN (SELECT value FROM json_each(?4)))
      AND ${condition}`;
}

function putBackMatching(matching: string): string {
  return `
  UPDATE documents SET ${PUT_BACK('?2')}
  WHERE namespace = ?1 AND document_id IN (${matching} AND ${IS_FREE('?2')} ORDER BY d.updated_at_ms LIMIT ?6)
  RETURNING document_id AS documentId, version`;
}
