import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import { AFTER_EVERY_NAMESPACE, createLedgerPages, type LedgerPages } from './ledger-pages.ts';

const removedChunk = z.object({ chunkId: z.string(), namespace: z.string(), removedAtMs: z.number().int() });
export type RemovedChunk = z.infer<typeof removedChunk>;

const documentVersion = z.object({ namespace: z.string(), documentId: z.string(), version: z.number().int() });
export type DocumentVersion = z.infer<typeof documentVersion>;

/** What the catalog says should be elsewhere. */
export interface ReconciliationTruth extends LedgerPages {
  /** Those of the versions that are still live and in nobody's hands. */
  stillSettled(versions: DocumentVersion[], deadline: Deadline): Promise<Result<DocumentVersion[], UpstreamError>>;
  nextNamespace(after: string, deadline: Deadline): Promise<Result<string | null, UpstreamError>>;
  /** Those of the ids that are in no version's ledger. */
  unknownChunks(chunkIds: string[], deadline: Deadline): Promise<Result<string[], UpstreamError>>;
  /** Those of a namespace's ids that are in no version's ledger and were not lately. */
  neverKnownChunks(namespace: string, chunkIds: string[], deadline: Deadline): Promise<Result<string[], UpstreamError>>;
  /** Those of the keys that no version names. */
  unknownObjects(keys: string[], deadline: Deadline): Promise<Result<string[], UpstreamError>>;
  /** Ids that have left the ledger, after a position. */
  removed(
    after: { namespace: string; chunkId: string },
    options: { namespace: string | null; untilMs: number; limit: number },
    deadline: Deadline,
  ): Promise<Result<RemovedChunk[], UpstreamError>>;
  /** The versions that are still live, with the keys of their originals. */
  originals(
    versions: DocumentVersion[],
    deadline: Deadline,
  ): Promise<Result<(DocumentVersion & { objectKey: string })[], UpstreamError>>;
  /**
   * Has ingestion write live versions to stores once more. The answer: those that somebody works on just now, for
   * which nothing was changed.
   */
  markBehind(
    versions: (DocumentVersion & { store: string })[],
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<DocumentVersion[], UpstreamError>>;
}

export function createReconciliationTruth(database: CatalogDatabase): ReconciliationTruth {
  async function select<T>(
    operation: string,
    schema: z.ZodType<T>,
    sql: string,
    parameters: (string | number | null)[],
    deadline: Deadline,
  ): Promise<Result<T[], UpstreamError>> {
    const read = await database.batch(operation, [{ sql, parameters }], deadline);
    return read.ok ? succeed(parseRows(schema, read.value[0])) : read;
  }

  async function values(
    sql: string,
    parameters: string[],
    deadline: Deadline,
  ): Promise<Result<string[], UpstreamError>> {
    const read = await select('unknown', valueRow, sql, parameters, deadline);
    return read.ok ? succeed(read.value.map(({ value }) => value)) : read;
  }

  return {
    ...createLedgerPages(database),

    async stillSettled(versions, deadline) {
      if (versions.length === 0) return succeed([]);
      return select('still-settled', documentVersion, STILL_SETTLED, [JSON.stringify(versions)], deadline);
    },

    async nextNamespace(after, deadline) {
      const read = await select('next-namespace', namespaceRow, NEXT_NAMESPACE, [after], deadline);
      return read.ok ? succeed(read.value[0]?.namespace ?? null) : read;
    },

    unknownChunks: (chunkIds, deadline) => values(UNKNOWN_CHUNKS, [JSON.stringify(chunkIds)], deadline),

    neverKnownChunks: (namespace, chunkIds, deadline) =>
      values(NEVER_KNOWN_CHUNKS, [JSON.stringify(chunkIds), namespace], deadline),

    unknownObjects: (keys, deadline) => values(UNKNOWN_OBJECTS, [JSON.stringify(keys)], deadline),

    removed({ namespace, chunkId }, options, deadline) {
      const until = options.namespace ?? AFTER_EVERY_NAMESPACE;
      const parameters = [namespace, chunkId, until, options.untilMs, options.limit];
      return select('read-removed', removedChunk, SELECT_REMOVED, parameters, deadline);
    },

    originals: (versions, deadline) =>
      select('read-originals', originalRow, ORIGINALS, [JSON.stringify(versions)], deadline),

    async markBehind(versions, nowMs, deadline) {
      const list = JSON.stringify(versions);
      const statements = [
        { sql: FORGET_HOLDINGS, parameters: [list] },
        { sql: ASK_FOR_REPAIR, parameters: [list, nowMs] },
        { sql: HELD, parameters: [list] },
      ];
      const marked = await database.batch('mark-behind', statements, deadline);
      return marked.ok ? succeed(parseRows(documentVersion, marked.value[2])) : marked;
    },
  };
}

const valueRow = z.object({ value: z.string() });
const namespaceRow = z.object({ namespace: z.string().nullable() });
const originalRow = documentVersion.extend({ objectKey: z.string() });

const ASKED = `
  SELECT d.namespace, d.document_id AS documentId, d.version
  FROM json_each(?1)
  JOIN documents d ON d.namespace = value ->> 'namespace' AND d.document_id = value ->> 'documentId'
    AND d.version = value ->> 'version' AND d.live_version = d.version AND d.state = 'ready'`;

const STILL_SETTLED = `${ASKED} AND d.lease_token IS NULL`;

const HELD = `${ASKED} AND d.lease_token IS NOT NULL`;

const NEXT_NAMESPACE = 'SELECT MIN(namespace) AS namespace FROM namespaces WHERE namespace > ?1';

const UNKNOWN_CHUNKS = `
  SELECT value FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE chunk_id = value)`;

const NEVER_KNOWN_CHUNKS = `
  ${UNKNOWN_CHUNKS} AND NOT EXISTS (SELECT 1 FROM removed_chunks WHERE namespace = ?2 AND chunk_id = value)`;

const UNKNOWN_OBJECTS = `
  SELECT value FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM document_versions WHERE object_key = value)`;

const SELECT_REMOVED = `
  SELECT chunk_id AS chunkId, namespace, removed_at_ms AS removedAtMs FROM removed_chunks
  WHERE (namespace, chunk_id) > (?1, ?2) AND namespace <= ?3 AND removed_at_ms <= ?4
  ORDER BY namespace, chunk_id
  LIMIT ?5`;

const ORIGINALS = `
  SELECT asked.*, v.object_key AS objectKey
  FROM (${ASKED}) AS asked
  JOIN document_versions v
    ON v.namespace = asked.namespace AND v.document_id = asked.documentId AND v.version = asked.version`;

const IS_FREE = `version = live_version AND state = 'ready' AND lease_token IS NULL`;

const FORGET_HOLDINGS = `
  DELETE FROM document_stores
  WHERE (namespace, document_id, version, store) IN (
      SELECT value ->> 'namespace', value ->> 'documentId', value ->> 'version', value ->> 'store' FROM json_each(?1))
    AND EXISTS (SELECT 1 FROM documents d
                WHERE d.namespace = document_stores.namespace AND d.document_id = document_stores.document_id
                  AND d.version = document_stores.version AND d.live_version = d.version AND d.state = 'ready'
                  AND d.lease_token IS NULL)`;

const ASK_FOR_REPAIR = `
  UPDATE documents SET next_retry_at_ms = ?2, enqueued_at_ms = NULL
  WHERE (namespace, document_id, version) IN (
      SELECT value ->> 'namespace', value ->> 'documentId', value ->> 'version' FROM json_each(?1))
    AND ${IS_FREE}`;
