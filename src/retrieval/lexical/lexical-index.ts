import * as z from 'zod';
import { parseAnswer } from '../../resilience/bad-answer.ts';
import type { CallUpstream } from '../../resilience/call-upstream.ts';
import { classifyD1Error } from '../../resilience/d1-errors.ts';
import type { Deadline } from '../../resilience/deadline.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import type { MetadataFilter } from '../filters/metadata-filter.ts';
import type { StoredChunk } from '../passage.ts';
import { CHUNK_COLUMNS, chunkOf, chunkRow } from './chunk-rows.ts';
import { readLexicalQuery } from './lexical-query.ts';
import { type LexicalMatches, searchWords } from './lexical-search.ts';

/** Reported as `servedBy.retrieval` when no vector store answered, and counted under this name. */
export const LEXICAL = 'lexical';

/** A document's versions up to and including `last`. */
export interface OldVersions {
  namespace: string;
  documentId: string;
  last: number;
}

/** BM25 over the words and trigrams of every passage. Derived from the catalog and rebuildable. */
export interface LexicalIndex {
  /** Idempotent: a chunk already there is replaced. */
  put(chunks: StoredChunk[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Removes the versions of each document up to and including `last`. */
  removeVersions(documents: OldVersions[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** How many passages there are of each, in their order. */
  countVersions(documents: OldVersions[], deadline: Deadline): Promise<Result<number[], UpstreamError>>;
  /** Those of the chunks that are there, in any order. */
  read(chunkIds: string[], deadline: Deadline): Promise<Result<StoredChunk[], UpstreamError>>;
  search(
    query: { namespace: string; question: string; limit: number; filter: MetadataFilter | null },
    deadline: Deadline,
  ): Promise<Result<LexicalMatches, UpstreamError>>;
}

// A parameter may have 2 MB (https://developers.cloudflare.com/d1/platform/limits/). Much less keeps one statement,
// which blocks the whole database, short.
const MAX_SLICE_BYTES = 256_000;

// One JSON parameter for all rows: a query takes at most 100 bound parameters.
const PUT = `
  INSERT INTO passages (chunk_id, namespace, document_id, version, n, title, url, headings, text, start_at, end_at, lead,
                        metadata)
  SELECT value ->> 'chunkId', value ->> 'namespace', value ->> 'documentId', value ->> 'version', value ->> 'n',
         value ->> 'title', value ->> 'url', value -> 'headings', value ->> 'text',
         value ->> 'start', value ->> 'end', value ->> 'lead', value -> 'metadata'
  FROM json_each(?1)
  WHERE true
  ON CONFLICT (chunk_id) DO UPDATE SET
    namespace = excluded.namespace, document_id = excluded.document_id, version = excluded.version, n = excluded.n,
    title = excluded.title, url = excluded.url, headings = excluded.headings, text = excluded.text,
    start_at = excluded.start_at, end_at = excluded.end_at, lead = excluded.lead, metadata = excluded.metadata`;

const OLD_PASSAGES = `
  FROM json_each(?1) AS old
  JOIN passages p ON p.namespace = old.value ->> 'namespace' AND p.document_id = old.value ->> 'documentId'
    AND p.version <= old.value ->> 'last'`;
const REMOVE = `DELETE FROM passages WHERE rowid IN (SELECT p.rowid ${OLD_PASSAGES} LIMIT ?2) RETURNING 1`;
const COUNT = `SELECT old.key AS n, count(*) AS passages ${OLD_PASSAGES} GROUP BY old.key`;
const countRows = z.array(z.object({ n: z.number(), passages: z.number() }));

// One statement blocks the whole database, and each passage is taken out of two indexes: under a tenth of a second.
const REMOVED_AT_ONCE = 200;

const READ = `SELECT ${CHUNK_COLUMNS} FROM passages WHERE chunk_id IN (SELECT value FROM json_each(?1))`;
const chunkRows = z.array(chunkRow);

export interface LexicalIndexOptions {
  db: D1Database;
  callUpstream: CallUpstream;
  searchTimeoutMs: number;
  writeTimeoutMs: number;
}

export function createLexicalIndex({ db, callUpstream, ...options }: LexicalIndexOptions): LexicalIndex {
  const common = { dependency: LEXICAL, classify: classifyD1Error };

  return {
    async put(chunks, deadline) {
      for (const slice of sliceByBytes(chunks)) {
        const call = { ...common, operation: 'put', deadline, timeoutMs: options.writeTimeoutMs };
        const put = await callUpstream(call, () => db.prepare(PUT).bind(slice).run());
        if (!put.ok) return put;
      }
      return succeed(undefined);
    },

    async removeVersions(documents, deadline) {
      const call = { ...common, operation: 'remove', deadline, timeoutMs: options.writeTimeoutMs };
      const old = JSON.stringify(documents);
      for (;;) {
        const removed = await callUpstream(call, () => db.prepare(REMOVE).bind(old, REMOVED_AT_ONCE).all());
        if (!removed.ok) return removed;
        if (removed.value.results.length < REMOVED_AT_ONCE) return succeed(undefined);
      }
    },

    async countVersions(documents, deadline) {
      const call = { ...common, operation: 'count', deadline, timeoutMs: options.writeTimeoutMs, idempotent: true };
      return callUpstream(call, async () => {
        const answer = await db.prepare(COUNT).bind(JSON.stringify(documents)).all();
        const counts = new Map(parseAnswer(countRows, answer.results).map(({ n, passages }) => [n, passages]));
        return documents.map((_, n) => counts.get(n) ?? 0);
      });
    },

    async read(chunkIds, deadline) {
      const call = { ...common, operation: 'read', deadline, timeoutMs: options.searchTimeoutMs };
      return callUpstream(call, async () => {
        const answer = await db.prepare(READ).bind(JSON.stringify(chunkIds)).all();
        return parseAnswer(chunkRows, answer.results).map(chunkOf);
      });
    },

    async search({ namespace, question, limit, filter }, deadline) {
      const query = readLexicalQuery(question);
      const call = { ...common, operation: 'search', deadline, timeoutMs: options.searchTimeoutMs };
      return callUpstream(call, () => searchWords(db, { namespace, query, limit, filter }));
    },
  };
}

/** The chunks as JSON arrays, each below the limit unless one chunk alone is above it. */
function sliceByBytes(chunks: StoredChunk[]): string[] {
  const encoder = new TextEncoder();
  const slices: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const chunk of chunks) {
    const json = JSON.stringify(chunk);
    const size = encoder.encode(json).length;
    if (bytes + size > MAX_SLICE_BYTES) {
      slices.push([]);
      bytes = 0;
    }
    slices.at(-1)?.push(json);
    bytes += size;
  }
  return slices.map((slice) => `[${slice.join(',')}]`);
}
