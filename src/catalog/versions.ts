import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement } from './catalog-database.ts';
import { isHeld, OLDEST_KEPT, tokenRow } from './lease-statements.ts';
import type { Lease } from './leases.ts';

/** What is left of a document's versions outside the catalog. */
export interface Remains {
  chunkIds: string[];
  objectKeys: string[];
}

export interface Versions {
  /** Answers come from the leases' versions from now on; `false` for each that is no longer the one to serve. */
  goLive(leases: Lease[], nowMs: number, deadline: Deadline): Promise<Result<boolean[], UpstreamError>>;
  /** What is left of each document's versions up to and including `last`, in their order. */
  remains(
    asked: { namespace: string; documentId: string; last: number }[],
    deadline: Deadline,
  ): Promise<Result<Remains[], UpstreamError>>;
  /** Forgets these chunks of the leases' documents, once nothing is left of them anywhere else. */
  forgetChunks(leases: Lease[], chunkIds: string[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Forgets the versions before the leases', once nothing is left of them anywhere else. */
  forgetOlder(leases: Lease[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Forgets deleted documents; `false` for each that was put again meanwhile. */
  forgetDocuments(leases: Lease[], deadline: Deadline): Promise<Result<boolean[], UpstreamError>>;
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

    async remains(asked, deadline) {
      const parameters = [JSON.stringify(asked)];
      const statements = [SELECT_CHUNK_IDS, SELECT_OBJECT_KEYS].map((sql) => ({ sql, parameters }));
      const read = await database.batch('remains', statements, deadline);
      if (!read.ok) return read;
      const remains = asked.map((): Remains => ({ chunkIds: [], objectKeys: [] }));
      for (const { part, chunkId } of parseRows(chunkRow, read.value[0])) remains[part]?.chunkIds.push(chunkId);
      for (const { part, objectKey } of parseRows(objectRow, read.value[1])) remains[part]?.objectKeys.push(objectKey);
      return succeed(remains);
    },

    async forgetChunks(leases, chunkIds, deadline) {
      const forget = { sql: FORGET_CHUNKS, parameters: [JSON.stringify(leases), JSON.stringify(chunkIds)] };
      const forgotten = await database.batch('forget-chunks', [forget], deadline);
      return forgotten.ok ? succeed(undefined) : forgotten;
    },

    async forgetOlder(leases, deadline) {
      const forgotten = await database.batch('forget-older', forgetting(leases, OLDER), deadline);
      return forgotten.ok ? succeed(undefined) : forgotten;
    },

    async forgetDocuments(leases, deadline) {
      const statements = forgetting(leases, DELETED);
      const last = { sql: DELETE_DOCUMENTS, parameters: [JSON.stringify(leases)] };
      const forgotten = await database.batch('forget-documents', [...statements, last], deadline);
      if (!forgotten.ok) return forgotten;
      const gone = new Set(parseRows(tokenRow, forgotten.value.at(-1)).map(({ token }) => token));
      return succeed(leases.map(({ token }) => gone.has(token)));
    },
  };
}

const chunkRow = z.object({ part: z.number(), chunkId: z.string() });
const objectRow = z.object({ part: z.number(), objectKey: z.string() });

const GO_LIVE = `
  UPDATE documents SET
    live_version = documents.version, state = 'ready', stage = NULL, attempts = 0, error_code = NULL, error_message = NULL,
    updated_at_ms = ?2
  FROM json_each(?1) AS made
  WHERE ${isHeld('made')} AND state = 'processing'
  RETURNING lease_token AS token`;

const ASKED = (row: string) => `
  ${row}.namespace = asked.value ->> 'namespace' AND ${row}.document_id = asked.value ->> 'documentId'`;

const SELECT_CHUNK_IDS = `
  SELECT asked.key AS part, c.chunk_id AS chunkId
  FROM json_each(?1) AS asked
  JOIN chunks c ON ${ASKED('c')} AND c.version <= asked.value ->> 'last'
  ORDER BY asked.key, c.version, c.n`;

// A version with new metadata alone is made of the same object as the one before.
const SELECT_OBJECT_KEYS = `
  SELECT DISTINCT asked.key AS part, v.object_key AS objectKey
  FROM json_each(?1) AS asked
  JOIN document_versions v ON ${ASKED('v')} AND v.version <= asked.value ->> 'last'
  WHERE v.object_key NOT IN (SELECT later.object_key FROM document_versions later
                             WHERE ${ASKED('later')} AND later.version > asked.value ->> 'last')
  ORDER BY asked.key, v.object_key`;

const FORGET_CHUNKS = `
  DELETE FROM chunks
  WHERE chunk_id IN (SELECT value FROM json_each(?2))
    AND (namespace, document_id) IN (
      SELECT documents.namespace, documents.document_id FROM json_each(?1) AS made JOIN documents ON ${isHeld('made')})`;

/** Versions that neither answer nor are to. */
const OLDER = { last: `${OLDEST_KEPT} - 1`, condition: 'true' };
/** All of them, as long as the document is being deleted. */
const DELETED = { last: 'documents.version', condition: `documents.state = 'deleting'` };

const DELETE_DOCUMENTS = `
  DELETE FROM documents
  WHERE (namespace, document_id) IN (
    SELECT documents.namespace, documents.document_id FROM json_each(?1) AS made
    JOIN documents ON ${isHeld('made')} AND ${DELETED.condition})
  RETURNING lease_token AS token`;

/** From the tables that say what there is of a version, that of the version itself last. */
function forgetting(leases: Lease[], { last, condition }: typeof OLDER): Statement[] {
  const parameters = [JSON.stringify(leases)];
  const tables = [
    ['chunks', 'n'],
    ['document_stores', 'store'],
    ['document_versions', 'version'],
  ];
  return tables.map(([table, column]) => ({
    sql: `
      DELETE FROM ${table}
      WHERE (namespace, document_id, version, ${column}) IN (
        SELECT old.namespace, old.document_id, old.version, old.${column}
        FROM json_each(?1) AS made
        JOIN documents ON ${isHeld('made')} AND ${condition}
        JOIN ${table} old ON old.namespace = documents.namespace AND old.document_id = documents.document_id
          AND old.version <= ${last})`,
    parameters,
  }));
}
