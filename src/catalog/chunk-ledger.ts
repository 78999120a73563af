import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement } from './catalog-database.ts';
import type { Lease } from './leases.ts';
import { exceededByChunks, limiting, type OverQuota, overQuotaOf, type Quotas, USAGE, verdictRow } from './quotas.ts';

export interface LedgerEntry {
  chunkId: string;
  /** Of what the embedding model is given. */
  textHash: string;
}

export interface ChunkLedger {
  /**
   * Enters a version's chunks, in order, and how they were made, before any store sees them. Writes nothing when the
   * lease is lost, or the namespace would have more chunks than it may. After a failure some may be entered, which does
   * no harm.
   */
  enter(
    lease: Lease,
    entries: LedgerEntry[],
    fingerprint: string,
    deadline: Deadline,
  ): Promise<Result<'entered' | OverQuota, UpstreamError>>;
  /** Of a version whose chunks were made in this way: a chunk's id by its text's hash. */
  idsByText(
    version: { namespace: string; documentId: string; version: number },
    fingerprint: string,
    deadline: Deadline,
  ): Promise<Result<Map<string, string>, UpstreamError>>;
}

// One statement blocks the database: thousands of rows at once would be felt by questions.
const ROWS_PER_STATEMENT = 1_000;

export function createChunkLedger(database: CatalogDatabase, defaultQuotas: Quotas): ChunkLedger {
  return {
    async enter(lease, entries, fingerprint, deadline) {
      for (let from = 0; from < entries.length; from += ROWS_PER_STATEMENT) {
        const slice = entries.slice(from, from + ROWS_PER_STATEMENT);
        const counted = from === 0 ? counting(lease, entries.length, defaultQuotas) : [];
        const statements = [
          ...counted,
          ...(from === 0 ? beginning(lease, fingerprint) : []),
          entering(lease, from, slice),
        ];
        const entered = await database.batch('enter-chunks', statements, deadline);
        if (!entered.ok) return entered;
        const [verdict] = from === 0 ? parseRows(verdictRow, entered.value[2]) : [];
        const overQuota = verdict === undefined ? null : overQuotaOf(verdict);
        if (overQuota !== null) return succeed(overQuota);
      }
      return succeed('entered');
    },

    async idsByText({ namespace, documentId, version }, fingerprint, deadline) {
      const ids = new Map<string, string>();
      for (let from = 0; ; from += ROWS_PER_STATEMENT) {
        const parameters = [namespace, documentId, version, fingerprint, from, from + ROWS_PER_STATEMENT];
        const read = await database.batch('read-texts', [{ sql: SELECT_TEXTS, parameters }], deadline);
        if (!read.ok) return read;
        const rows = parseRows(textRow, read.value[0]);
        for (const { textHash, chunkId } of rows) if (textHash !== null) ids.set(textHash, chunkId);
        if (rows.length < ROWS_PER_STATEMENT) return succeed(ids);
      }
    },
  };
}

const textRow = z.object({ textHash: z.string().nullable(), chunkId: z.string() });

function entering(lease: Lease, from: number, entries: LedgerEntry[]): Statement {
  const rows = entries.map(({ chunkId, textHash }) => [chunkId, textHash]);
  return { sql: ENTER, parameters: [...keyOf(lease), from, JSON.stringify(rows)] };
}

function beginning(lease: Lease, fingerprint: string): Statement[] {
  const { namespace, documentId, token } = lease;
  return [
    { sql: NOTE_FINGERPRINT, parameters: [...keyOf(lease), fingerprint] },
    { sql: FORGET_FORGETTING, parameters: [namespace, documentId, token] },
  ];
}

/** Whose third statement has a row as long as the chunks are not counted. */
function counting(lease: Lease, count: number, defaultQuotas: Quotas): Statement[] {
  const parameters = [...keyOf(lease), count];
  return [limiting(lease.namespace, defaultQuotas), { sql: COUNT, parameters }, { sql: JUDGE, parameters }];
}

function keyOf({ namespace, documentId, version, token }: Lease) {
  return [namespace, documentId, version, token];
}

const IS_HELD = `
  EXISTS (SELECT 1 FROM documents d
          WHERE d.namespace = ?1 AND d.document_id = ?2 AND d.version = ?3 AND d.lease_token = ?4)`;

// Once a version: entering the same chunks again changes nothing, whatever the quota has become.
const COUNT = `
  UPDATE document_versions SET chunk_count = ?5
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3 AND chunk_count IS NULL AND ${IS_HELD}
    AND (SELECT ${exceededByChunks('?5')} FROM namespaces n WHERE n.namespace = ?1) IS NULL`;

const JUDGE = `
  SELECT ${exceededByChunks('?5')} AS quota, ${USAGE}
  FROM namespaces n
  JOIN document_versions v ON v.namespace = n.namespace
  WHERE n.namespace = ?1 AND v.document_id = ?2 AND v.version = ?3 AND v.chunk_count IS NULL AND ?4 IS NOT NULL`;

const ENTER = `
  INSERT INTO chunks (namespace, document_id, version, n, chunk_id, text_hash)
  SELECT ?1, ?2, ?3, ?5 + key, value ->> 0, value ->> 1 FROM json_each(?6)
  WHERE ${IS_HELD}
    AND EXISTS (SELECT 1 FROM document_versions v
                WHERE v.namespace = ?1 AND v.document_id = ?2 AND v.version = ?3 AND v.chunk_count IS NOT NULL)
  ON CONFLICT (namespace, document_id, version, n) DO UPDATE SET text_hash = excluded.text_hash
  WHERE chunks.text_hash IS NULL`;

const NOTE_FINGERPRINT = `
  UPDATE document_versions SET fingerprint = ?5
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3
    AND chunk_count IS NOT NULL AND ${IS_HELD}`;

// A document put again while it was being deleted: the stores are about to hold something once more.
const FORGET_FORGETTING = `
  DELETE FROM document_stores
  WHERE namespace = ?1 AND document_id = ?2 AND version = 0
    AND EXISTS (SELECT 1 FROM documents WHERE namespace = ?1 AND document_id = ?2 AND lease_token = ?3)`;

const SELECT_TEXTS = `
  SELECT c.text_hash AS textHash, c.chunk_id AS chunkId
  FROM chunks c
  JOIN document_versions v
    ON v.namespace = c.namespace AND v.document_id = c.document_id AND v.version = c.version AND v.fingerprint = ?4
  WHERE c.namespace = ?1 AND c.document_id = ?2 AND c.version = ?3 AND c.n >= ?5 AND c.n < ?6`;
