import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { metadataValue } from '../retrieval/passage.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';

export interface LedgerKey {
  namespace: string;
  documentId: string;
  version: number;
  n: number;
}

const parsed = <T>(schema: z.ZodType<T>) => z.preprocess((json) => JSON.parse(String(json)), schema);

const ledgerChunk = z.object({
  namespace: z.string(),
  documentId: z.string(),
  version: z.number().int(),
  n: z.number().int(),
  chunkId: z.string(),
  /** `null` for chunks entered before there were hashes. */
  textHash: z.string().nullable(),
  title: z.string().nullable(),
  url: z.string().nullable(),
  metadata: parsed(z.record(z.string(), metadataValue)),
  objectKey: z.string(),
  /** Some store lacks it, and ingestion knows. */
  isInRepair: z.number().transform((value) => value === 1),
  /** Those that have the version by what the catalog knows. */
  stores: parsed(z.array(z.string())),
});
/** A chunk as the catalog knows it, of a document that nobody works on. */
export type LedgerChunk = z.infer<typeof ledgerChunk>;

export interface LedgerPage {
  chunks: LedgerChunk[];
  /** Where the next page begins; `null` at the end of the ledger. */
  next: LedgerKey | null;
}

export interface LedgerAsked {
  /** `null`: all of them. */
  namespace: string | null;
  /** How the chunks were made. */
  fingerprint: string;
  /** Their documents have not changed since. */
  settledAtMs: number;
  limit: number;
}

export interface LedgerPages {
  /**
   * The chunks after a position of documents that are live, made in this way and unchanged. A page looks at a bounded
   * number of chunks: it may have few, or none, and not be the last.
   */
  ledger(after: LedgerKey, asked: LedgerAsked, deadline: Deadline): Promise<Result<LedgerPage, UpstreamError>>;
}

/** Names of namespaces begin below it. */
export const AFTER_EVERY_NAMESPACE = '~';

export function createLedgerPages(database: CatalogDatabase): LedgerPages {
  return {
    async ledger(after, { namespace, fingerprint, settledAtMs, limit }, deadline) {
      const until = namespace ?? AFTER_EVERY_NAMESPACE;
      const range = [after.namespace, after.documentId, after.version, after.n, until];
      const statements = [
        { sql: SELECT_PAGE, parameters: [...range, settledAtMs, fingerprint, limit] },
        { sql: SELECT_LAST, parameters: range },
      ];
      const read = await database.batch('read-ledger', statements, deadline);
      if (!read.ok) return read;
      const chunks = parseRows(ledgerChunk, read.value[0]);
      const [last] = parseRows(ledgerKey, read.value[1]);
      const lastChunk = chunks.at(-1);
      const isFull = lastChunk !== undefined && chunks.length === limit;
      return succeed({ chunks, next: isFull ? ledgerKeyOf(lastChunk) : (last ?? null) });
    },
  };
}

export function ledgerKeyOf({ namespace, documentId, version, n }: LedgerKey): LedgerKey {
  return { namespace, documentId, version, n };
}

const ledgerKey = z.object({
  namespace: z.string(),
  documentId: z.string(),
  version: z.number().int(),
  n: z.number().int(),
});

// Chunks one page looks at, whether they are wanted or not: a statement blocks the database.
const WINDOW = 1_000;

const SELECT_WINDOW = `
  SELECT * FROM chunks
  WHERE (namespace, document_id, version, n) > (?1, ?2, ?3, ?4) AND namespace <= ?5
  ORDER BY namespace, document_id, version, n
  LIMIT ${WINDOW}`;

// The ledger leads, whatever the planner thinks of it: its order is the order of the pages.
const SELECT_PAGE = `
  SELECT c.namespace, c.document_id AS documentId, c.version, c.n, c.chunk_id AS chunkId, c.text_hash AS textHash,
         v.title, v.url, v.metadata, v.object_key AS objectKey, d.next_retry_at_ms IS NOT NULL AS isInRepair,
         (SELECT json_group_array(s.store) FROM document_stores s
          WHERE s.namespace = c.namespace AND s.document_id = c.document_id AND s.version = c.version
            AND s.confirmed) AS stores
  FROM (${SELECT_WINDOW}) c
  CROSS JOIN documents d
    ON d.namespace = c.namespace AND d.document_id = c.document_id AND d.version = c.version
  CROSS JOIN document_versions v
    ON v.namespace = c.namespace AND v.document_id = c.document_id AND v.version = c.version
  WHERE d.state = 'ready' AND d.live_version = d.version AND d.lease_token IS NULL AND d.updated_at_ms <= ?6
    AND v.fingerprint = ?7
  ORDER BY c.namespace, c.document_id, c.version, c.n
  LIMIT ?8`;

const SELECT_LAST = `
  SELECT namespace, document_id AS documentId, version, n FROM (${SELECT_WINDOW})
  ORDER BY namespace, document_id, version, n
  LIMIT 1 OFFSET ${WINDOW - 1}`;
