import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';

/** Where a document of an ingestion is now: its own state, or why that is no longer the ingestion's doing. */
export const ITEM_STATES = ['queued', 'processing', 'ready', 'failed', 'superseded', 'deleted', 'refused'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** What became of one document of a request with many, when it was answered. */
export interface IngestionItem {
  /** Its place in the request, from 0. */
  n: number;
  documentId: string | null;
  version: number | null;
  outcome: 'created' | 'updated' | 'unchanged' | null;
  problemCode: string | null;
}

export interface NewIngestion {
  id: string;
  namespace: string;
  createdAtMs: number;
  items: IngestionItem[];
}

const itemRow = z.object({
  n: z.number().int(),
  documentId: z.string().nullable(),
  version: z.number().int().nullable(),
  outcome: z.enum(['created', 'updated', 'unchanged']).nullable(),
  state: z.enum(ITEM_STATES),
  /** Why it was refused, or has failed. */
  code: z.string().nullable(),
});
const ingestionRow = z.object({ total: z.number().int(), createdAtMs: z.number().int() });
const countRow = z.object({ state: z.enum(ITEM_STATES), count: z.number().int() });

export interface IngestionPage {
  total: number;
  createdAtMs: number;
  counts: Map<ItemState, number>;
  items: z.infer<typeof itemRow>[];
}

export interface Ingestions {
  /** Idempotent. */
  record(ingestion: NewIngestion, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Its items after the one at `after`, of one state or of all. `null` when the namespace has no such ingestion. */
  read(
    namespace: string,
    id: string,
    page: { after: number; limit: number; state: ItemState | null },
    deadline: Deadline,
  ): Promise<Result<IngestionPage | null, UpstreamError>>;
  /** Removes a slice of those made before that time, oldest first; the number of ingestions removed. */
  forgetBefore(timeMs: number, deadline: Deadline): Promise<Result<number, UpstreamError>>;
}

// Keeps a parameter well below D1's 2 MB, and a statement short.
const ITEMS_PER_STATEMENT = 500;

export function createIngestions(database: CatalogDatabase): Ingestions {
  return {
    async record({ id, namespace, createdAtMs, items }, deadline) {
      const statements = [{ sql: INSERT_INGESTION, parameters: [id, namespace, items.length, createdAtMs] }];
      for (let at = 0; at < items.length; at += ITEMS_PER_STATEMENT) {
        const slice = JSON.stringify(items.slice(at, at + ITEMS_PER_STATEMENT));
        statements.push({ sql: INSERT_ITEMS, parameters: [id, slice] });
      }
      const recorded = await database.batch('record-ingestion', statements, deadline);
      return recorded.ok ? succeed(undefined) : recorded;
    },

    async read(namespace, id, { after, limit, state }, deadline) {
      const statements = [
        { sql: SELECT_INGESTION, parameters: [namespace, id] },
        { sql: COUNT_STATES, parameters: [namespace, id] },
        { sql: SELECT_ITEMS, parameters: [namespace, id, after, limit, state] },
      ];
      const read = await database.batch('read-ingestion', statements, deadline);
      if (!read.ok) return read;
      const [ingestion] = parseRows(ingestionRow, read.value[0]);
      if (ingestion === undefined) return succeed(null);
      const counts = new Map(parseRows(countRow, read.value[1]).map((row) => [row.state, row.count]));
      return succeed({ ...ingestion, counts, items: parseRows(itemRow, read.value[2]) });
    },

    async forgetBefore(timeMs, deadline) {
      const statements = [DELETE_ITEMS, DELETE_INGESTIONS].map((sql) => ({ sql, parameters: [timeMs] }));
      const forgotten = await database.batch('forget-ingestions', statements, deadline);
      return forgotten.ok ? succeed(forgotten.value.at(-1)?.changes ?? 0) : forgotten;
    },
  };
}

const INSERT_INGESTION = `
  INSERT INTO ingestions (id, namespace, total, created_at_ms) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT DO NOTHING`;

const INSERT_ITEMS = `
  INSERT INTO ingestion_items (ingestion_id, n, document_id, version, outcome, problem_code)
  SELECT ?1, value ->> 'n', value ->> 'documentId', value ->> 'version', value ->> 'outcome', value ->> 'problemCode'
  FROM json_each(?2)
  WHERE true
  ON CONFLICT DO NOTHING`;

const SELECT_INGESTION = `
  SELECT total, created_at_ms AS createdAtMs FROM ingestions WHERE namespace = ?1 AND id = ?2`;

const ITEMS_NOW = `
  SELECT i.n, i.document_id AS documentId, i.version, i.outcome,
         CASE
           WHEN i.version IS NULL THEN 'refused'
           WHEN d.version IS NULL OR d.version <= n.erased_up_to THEN 'deleted'
           WHEN d.state = 'deleting' AND d.version = i.version THEN 'deleted'
           WHEN d.version <> i.version THEN 'superseded'
           ELSE d.state
         END AS state,
         CASE
           WHEN i.version IS NULL THEN i.problem_code
           WHEN d.version = i.version AND d.state = 'failed' THEN d.error_code
         END AS code
  FROM ingestion_items i
  JOIN namespaces n ON n.namespace = ?1
  LEFT JOIN documents d ON d.namespace = ?1 AND d.document_id = i.document_id
  WHERE i.ingestion_id = ?2`;

const COUNT_STATES = `SELECT state, count(*) AS count FROM (${ITEMS_NOW}) GROUP BY state`;

const SELECT_ITEMS = `
  SELECT n, documentId, version, outcome, state, code FROM (${ITEMS_NOW})
  WHERE n > ?3 AND (?5 IS NULL OR state = ?5)
  ORDER BY n LIMIT ?4`;

// As many as have about so many items together, and one at least.
const ITEMS_PER_SLICE = 2_000;
const INGESTIONS_PER_SLICE = 200;

const OLDEST = `
  SELECT id FROM (
    SELECT id, sum(total) OVER (ORDER BY created_at_ms, id) - total AS itemsBefore
    FROM (SELECT id, total, created_at_ms FROM ingestions WHERE created_at_ms < ?1
          ORDER BY created_at_ms, id LIMIT ${INGESTIONS_PER_SLICE})
  ) WHERE itemsBefore < ${ITEMS_PER_SLICE}`;

const DELETE_ITEMS = `DELETE FROM ingestion_items WHERE ingestion_id IN (${OLDEST})`;
const DELETE_INGESTIONS = `DELETE FROM ingestions WHERE id IN (${OLDEST})`;
