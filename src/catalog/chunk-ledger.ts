import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement, type StatementResult } from './catalog-database.ts';
import { type AskedVersion, readTexts } from './chunk-texts.ts';
import { isHeld } from './lease-statements.ts';
import type { Lease } from './leases.ts';
import { limiting, type OverQuota, overQuotaOf, type Quotas, USAGE, verdictRow } from './quotas.ts';

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
   * Enters chunks, and how they were made, before any store sees them. Writes nothing where the lease is lost, or the
   * namespace would have more chunks than it may: that is said, part by part. After a failure some may be entered, which
   * does no harm.
   */
  enter(
    parts: LedgerPart[],
    fingerprint: string,
    deadline: Deadline,
  ): Promise<Result<('entered' | OverQuota)[], UpstreamError>>;
  /** Of a version whose chunks were made in this way: a chunk's id by its text's hash. */
  idsByText(
    version: { namespace: string; documentId: string; version: number },
    fingerprint: string,
    deadline: Deadline,
  ): Promise<Result<Map<string, string>, UpstreamError>>;
  /** Which of the hashes are of chunks made in this way, by document id; of documents whose ids differ. */
  textsAmong(
    namespace: string,
    asked: AskedTexts[],
    fingerprint: string,
    deadline: Deadline,
  ): Promise<Result<Map<string, Set<string>>, UpstreamError>>;
}

export interface AskedTexts extends AskedVersion {
  textHashes: ReadonlySet<string>;
}

// One statement blocks the database: thousands of rows at once would be felt by questions.
const ROWS_PER_STATEMENT = 1_000;

export function createChunkLedger(database: CatalogDatabase, defaultQuotas: Quotas): ChunkLedger {
  return {
    async enter(parts, fingerprint, deadline) {
      if (parts.length === 0) return succeed([]);
      const counted = await database.batch('count-chunks', counting(parts, fingerprint, defaultQuotas), deadline);
      if (!counted.ok) return counted;
      const verdicts = verdictsOf(parts, counted.value.at(-1));
      const entered = parts.filter((_, n) => verdicts[n] === 'entered');
      const rows = entered.flatMap(({ lease, entries }) =>
        entries.map(({ chunkId, textHash }, n) => ({ ...lease, n, chunkId, textHash })),
      );
      for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
        const slice = JSON.stringify(rows.slice(from, from + ROWS_PER_STATEMENT));
        const written = await database.batch('enter-chunks', [{ sql: ENTER, parameters: [slice] }], deadline);
        if (!written.ok) return written;
      }
      return succeed(verdicts);
    },

    async idsByText({ namespace, documentId, version }, fingerprint, deadline) {
      const ids = new Map<string, string>();
      const versions = [{ documentId, version }];
      const read = await readTexts(database, namespace, versions, fingerprint, deadline, ({ textHash, chunkId }) => {
        if (textHash !== null) ids.set(textHash, chunkId);
      });
      return read.ok ? succeed(ids) : read;
    },

    async textsAmong(namespace, asked, fingerprint, deadline) {
      const wanted = new Map(asked.map(({ documentId, textHashes }) => [documentId, textHashes]));
      const found = new Map(asked.map(({ documentId }) => [documentId, new Set<string>()]));
      const versions = asked.map(({ documentId, version }) => ({ documentId, version }));
      const read = await readTexts(database, namespace, versions, fingerprint, deadline, ({ documentId, textHash }) => {
        if (textHash !== null && wanted.get(documentId)?.has(textHash)) found.get(documentId)?.add(textHash);
      });
      return read.ok ? succeed(found) : read;
    },
  };
}

/** The last statement has a row for each part whose chunks are too many. */
function counting(parts: LedgerPart[], fingerprint: string, defaultQuotas: Quotas): Statement[] {
  const leases = JSON.stringify(parts.map(({ lease, entries }) => ({ ...lease, count: entries.length })));
  const namespaces = new Set(parts.map(({ lease }) => lease.namespace));
  return [
    ...[...namespaces].map((namespace) => limiting(namespace, defaultQuotas)),
    { sql: COUNT, parameters: [leases] },
    { sql: NOTE_FINGERPRINT, parameters: [leases, fingerprint] },
    { sql: FORGET_FORGETTING, parameters: [leases] },
    { sql: SELECT_REFUSED, parameters: [leases] },
  ];
}

function verdictsOf(parts: LedgerPart[], result: StatementResult | undefined): ('entered' | OverQuota)[] {
  const refused = new Map(parseRows(refusedRow, result).map(({ token, ...verdict }) => [token, verdict]));
  return parts.map(({ lease }) => {
    const verdict = refused.get(lease.token);
    return verdict === undefined ? 'entered' : (overQuotaOf(verdict) ?? 'entered');
  });
}

const refusedRow = verdictRow.extend({ token: z.string() });

const HELD = `
  SELECT documents.namespace, documents.document_id, documents.version, documents.lease_token, made.value ->> 'count' AS n
  FROM json_each(?1) AS made
  JOIN documents ON ${isHeld('made')}`;

// Once a version: entering the same chunks again changes nothing, whatever the quota has become. A trigger leaves out
// those that do not fit.
const COUNT = `
  UPDATE document_versions SET chunk_count = held.n
  FROM (${HELD}) AS held
  WHERE document_versions.namespace = held.namespace AND document_versions.document_id = held.document_id
    AND document_versions.version = held.version AND document_versions.chunk_count IS NULL`;

const SELECT_REFUSED = `
  SELECT held.lease_token AS token, 'chunks' AS quota, ${USAGE}
  FROM (${HELD}) AS held
  JOIN document_versions v ON v.namespace = held.namespace AND v.document_id = held.document_id
    AND v.version = held.version AND v.chunk_count IS NULL
  JOIN namespaces n ON n.namespace = held.namespace`;

const ENTER = `
  INSERT INTO chunks (namespace, document_id, version, n, chunk_id, text_hash)
  SELECT documents.namespace, documents.document_id, documents.version,
         entry.value ->> 'n', entry.value ->> 'chunkId', entry.value ->> 'textHash'
  FROM json_each(?1) AS entry
  JOIN documents ON ${isHeld('entry')}
  JOIN document_versions v ON v.namespace = documents.namespace AND v.document_id = documents.document_id
    AND v.version = documents.version AND v.chunk_count IS NOT NULL
  WHERE true
  ON CONFLICT (namespace, document_id, version, n) DO UPDATE SET text_hash = excluded.text_hash
  WHERE chunks.text_hash IS NULL`;

const NOTE_FINGERPRINT = `
  UPDATE document_versions SET fingerprint = ?2
  FROM (${HELD}) AS held
  WHERE document_versions.namespace = held.namespace AND document_versions.document_id = held.document_id
    AND document_versions.version = held.version AND document_versions.chunk_count IS NOT NULL`;

// A document put again while it was being deleted: the stores are about to hold something once more.
const FORGET_FORGETTING = `
  DELETE FROM document_stores
  WHERE (namespace, document_id) IN (SELECT namespace, document_id FROM (${HELD})) AND version = 0`;
