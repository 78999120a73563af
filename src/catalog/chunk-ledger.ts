import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement } from './catalog-database.ts';
import { isHeld } from './lease-statements.ts';
import type { Lease } from './leases.ts';

export interface LedgerEntry {
  chunkId: string;
  /** Of what the embedding model is given. */
  textHash: string;
}

export interface LedgerPart {
  lease: Lease;
  /** A version's chunks, in order. */
  entries: LedgerEntry[];
}

export interface ChunkLedger {
  /**
   * Enters chunks, and how they were made, before any store sees them. Writes nothing where the lease is lost. After a
   * failure some may be entered, which does no harm.
   */
  enter(parts: LedgerPart[], fingerprint: string, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Of a version whose chunks were made in this way: a chunk's id by its text's hash. */
  idsByText(
    version: { namespace: string; documentId: string; version: number },
    fingerprint: string,
    deadline: Deadline,
  ): Promise<Result<Map<string, string>, UpstreamError>>;
}

// One statement blocks the database: thousands of rows at once would be felt by questions.
const ROWS_PER_STATEMENT = 1_000;

export function createChunkLedger(database: CatalogDatabase): ChunkLedger {
  return {
    async enter(parts, fingerprint, deadline) {
      const rows = parts.flatMap(({ lease, entries }) =>
        entries.map(({ chunkId, textHash }, n) => ({ ...lease, n, chunkId, textHash })),
      );
      const leases = JSON.stringify(parts.map(({ lease }) => lease));
      for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
        const slice = JSON.stringify(rows.slice(from, from + ROWS_PER_STATEMENT));
        const statements = [...(from === 0 ? beginning(leases, fingerprint) : []), { sql: ENTER, parameters: [slice] }];
        const entered = await database.batch('enter-chunks', statements, deadline);
        if (!entered.ok) return entered;
      }
      return succeed(undefined);
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

function beginning(leases: string, fingerprint: string): Statement[] {
  return [
    { sql: NOTE_FINGERPRINT, parameters: [leases, fingerprint] },
    { sql: FORGET_FORGETTING, parameters: [leases] },
  ];
}

const ENTER = `
  INSERT INTO chunks (namespace, document_id, version, n, chunk_id, text_hash)
  SELECT documents.namespace, documents.document_id, documents.version,
         entry.value ->> 'n', entry.value ->> 'chunkId', entry.value ->> 'textHash'
  FROM json_each(?1) AS entry
  JOIN documents ON ${isHeld('entry')}
  WHERE true
  ON CONFLICT (namespace, document_id, version, n) DO UPDATE SET text_hash = excluded.text_hash
  WHERE chunks.text_hash IS NULL`;

const HELD = `
  SELECT documents.namespace, documents.document_id, documents.version
  FROM json_each(?1) AS made
  JOIN documents ON ${isHeld('made')}`;

const NOTE_FINGERPRINT = `
  UPDATE document_versions SET fingerprint = ?2
  FROM (${HELD}) AS held
  WHERE document_versions.namespace = held.namespace AND document_versions.document_id = held.document_id
    AND document_versions.version = held.version`;

// A document put again while it was being deleted: the stores are about to hold something once more.
const FORGET_FORGETTING = `
  DELETE FROM document_stores
  WHERE (namespace, document_id) IN (SELECT namespace, document_id FROM (${HELD})) AND version = 0`;

const SELECT_TEXTS = `
  SELECT c.text_hash AS textHash, c.chunk_id AS chunkId
  FROM chunks c
  JOIN document_versions v
    ON v.namespace = c.namespace AND v.document_id = c.document_id AND v.version = c.version AND v.fingerprint = ?4
  WHERE c.namespace = ?1 AND c.document_id = ?2 AND c.version = ?3 AND c.n >= ?5 AND c.n < ?6`;
