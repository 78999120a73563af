import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import { isHeld, tokenRow } from './lease-statements.ts';
import type { Lease } from './leases.ts';

/** What is left of a document's versions outside the catalog. */
export interface Remains {
  chunkIds: string[];
  objectKeys: string[];
}

export interface Versions {
  /** Answers come from the leases' versions from now on; `false` for each that is no longer the one to serve. */
  goLive(leases: Lease[], nowMs: number, deadline: Deadline): Promise<Result<boolean[], UpstreamError>>;
  /** Everything of the versions up to and including `last`. */
  remains(
    namespace: string,
    documentId: string,
    last: number,
    deadline: Deadline,
  ): Promise<Result<Remains, UpstreamError>>;
  /** Forgets these chunks of the lease's document, once nothing is left of them anywhere else. */
  forgetChunks(lease: Lease, chunkIds: string[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Forgets the versions before the lease's, once nothing is left of them anywhere else. */
  forgetOlder(lease: Lease, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Forgets a deleted document; `false` when it was put again meanwhile. */
  forgetDocument(lease: Lease, deadline: Deadline): Promise<Result<boolean, UpstreamError>>;
}

export function createVersions(database: CatalogDatabase): Versions {
  return {
    async goLive(leases, nowMs, deadline) {
      if (leases.length === 0) return succeed([]);
      const goLive = { sql: GO_LIVE, parameters: [JSON.stringify(leases), nowMs] };
      const gone = await database.batch('go-live', [goLive], deadline);
      if (!gone.ok) return gone;
      const live = new Set(parseRows(tokenRow, gone.value[0]).map(({ token }) => token));
      return succeed(leases.map(({ token }) => live.has(token)));
    },

    async remains(namespace, documentId, last, deadline) {
      const parameters = [namespace, documentId, last];
      const statements = [
        { sql: SELECT_CHUNK_IDS, parameters },
        { sql: SELECT_OBJECT_KEYS, parameters },
      ];
      const read = await database.batch('remains', statements, deadline);
      if (!read.ok) return read;
      const chunkIds = parseRows(chunkRow, read.value[0]).map((row) => row.chunkId);
      const objectKeys = parseRows(objectRow, read.value[1]).map((row) => row.objectKey);
      return succeed({ chunkIds, objectKeys });
    },

    async forgetChunks({ namespace, documentId, token }, chunkIds, deadline) {
      const forget = { sql: FORGET_CHUNKS, parameters: [namespace, documentId, token, JSON.stringify(chunkIds)] };
      const forgotten = await database.batch('forget-chunks', [forget], deadline);
      return forgotten.ok ? succeed(undefined) : forgotten;
    },

    async forgetOlder({ namespace, documentId, version, token }, deadline) {
      const parameters = [namespace, documentId, version - 1, token];
      const statements = DETAIL_TABLES.map((table) => ({ sql: forgetUpTo(table, 'lease_token = ?4'), parameters }));
      const forgotten = await database.batch('forget-older', statements, deadline);
      return forgotten.ok ? succeed(undefined) : forgotten;
    },

    async forgetDocument({ namespace, documentId, version, token }, deadline) {
      const parameters = [namespace, documentId, version, token];
      const statements = [...DETAIL_TABLES.map((table) => forgetUpTo(table, STILL_DELETING)), DELETE_DOCUMENT];
      const forgotten = await database.batch(
        'forget-document',
        statements.map((sql) => ({ sql, parameters })),
        deadline,
      );
      return forgotten.ok ? succeed(forgotten.value.at(-1)?.rows.length === 1) : forgotten;
    },
  };
}

const chunkRow = z.object({ chunkId: z.string() });
const objectRow = z.object({ objectKey: z.string() });

const DETAIL_TABLES = ['chunks', 'document_stores', 'document_versions'] as const;

const GO_LIVE = `
  UPDATE documents SET
    live_version = documents.version, state = 'ready', stage = NULL, attempts = 0, error_code = NULL, error_message = NULL,
    updated_at_ms = ?2
  FROM json_each(?1) AS made
  WHERE ${isHeld('made')} AND state = 'processing'
  RETURNING lease_token AS token`;

const SELECT_CHUNK_IDS = `
  SELECT chunk_id AS chunkId FROM chunks
  WHERE namespace = ?1 AND document_id = ?2 AND version <= ?3
  ORDER BY version, n`;

// A version with new metadata alone is made of the same object as the one before.
const SELECT_OBJECT_KEYS = `
  SELECT DISTINCT object_key AS objectKey FROM document_versions
  WHERE namespace = ?1 AND document_id = ?2 AND version <= ?3
    AND object_key NOT IN (SELECT object_key FROM document_versions
                           WHERE namespace = ?1 AND document_id = ?2 AND version > ?3)
  ORDER BY object_key`;

const FORGET_CHUNKS = `
  DELETE FROM chunks
  WHERE namespace = ?1 AND document_id = ?2 AND chunk_id IN (SELECT value FROM json_each(?4))
    AND EXISTS (SELECT 1 FROM documents WHERE namespace = ?1 AND document_id = ?2 AND lease_token = ?3)`;

const STILL_DELETING = `lease_token = ?4 AND state = 'deleting' AND version = ?3`;

const DELETE_DOCUMENT = `
  DELETE FROM documents WHERE namespace = ?1 AND document_id = ?2 AND ${STILL_DELETING}
  RETURNING version`;

function forgetUpTo(table: (typeof DETAIL_TABLES)[number], condition: string): string {
  return `
    DELETE FROM ${table}
    WHERE namespace = ?1 AND document_id = ?2 AND version <= ?3
      AND EXISTS (SELECT 1 FROM documents WHERE namespace = ?1 AND document_id = ?2 AND ${condition})`;
}
