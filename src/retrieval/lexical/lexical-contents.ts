import * as z from 'zod';
import { parseAnswer } from '../../resilience/bad-answer.ts';
import type { CallUpstream } from '../../resilience/call-upstream.ts';
import { classifyD1Error } from '../../resilience/d1-errors.ts';
import type { Deadline } from '../../resilience/deadline.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import { metadataValue, type StoredChunk, storedChunkSchema } from '../passage.ts';
import type { ListChunkIds } from '../vector-store.ts';
import { LEXICAL } from './lexical-index.ts';

/** What the lexical tables hold, to compare it with what they should. */
export interface LexicalContents {
  /** Passages by id; those that are not there, unreadable or of another namespace are left out. */
  passages(
    namespace: string,
    chunkIds: string[],
    deadline: Deadline,
  ): Promise<Result<Map<string, StoredChunk>, UpstreamError>>;
  list: ListChunkIds;
  /** Removing an unknown id is no error. */
  remove(namespace: string, chunkIds: string[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

const LIST_PAGE = 1_000;

export interface LexicalContentsOptions {
  db: D1Database;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

export function createLexicalContents({ db, callUpstream, timeoutMs }: LexicalContentsOptions): LexicalContents {
  const common = { dependency: LEXICAL, timeoutMs, classify: classifyD1Error, idempotent: true };
  return {
    async passages(namespace, chunkIds, deadline) {
      const ids = JSON.stringify(chunkIds);
      return callUpstream({ ...common, operation: 'read', deadline }, async () => {
        const { results } = await db.prepare(SELECT).bind(namespace, ids).all();
        const found = results.map((row) => passage.safeParse(row)).flatMap(({ data }) => data ?? []);
        return new Map(found.map((chunk) => [chunk.chunkId, chunk]));
      });
    },

    async list(namespace, cursor, deadline) {
      const after = cursor === null ? FIRST : cursorSchema.parse(JSON.parse(cursor));
      return callUpstream({ ...common, operation: 'list', deadline }, async () => {
        const { results } = await db
          .prepare(LIST)
          .bind(namespace, ...after, LIST_PAGE)
          .all();
        const rows = parseAnswer(z.array(listed), results);
        const last = rows.at(-1);
        const isLast = last === undefined || rows.length < LIST_PAGE;
        return {
          ids: rows.map(({ chunkId }) => chunkId),
          nextCursor: isLast ? null : JSON.stringify([last.documentId, last.version, last.id]),
        };
      });
    },

    async remove(namespace, chunkIds, deadline) {
      const ids = JSON.stringify(chunkIds);
      const call = { ...common, operation: 'remove-chunks', deadline };
      const removed = await callUpstream(call, () => db.prepare(REMOVE).bind(namespace, ids).run());
      return removed.ok ? succeed(undefined) : removed;
    },
  };
}

const FIRST = ['', 0, 0] as const;
const cursorSchema = z.tuple([z.string(), z.number(), z.number()]);
const listed = z.object({ chunkId: z.string(), documentId: z.string(), version: z.number(), id: z.number() });

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('is not JSON');
    return z.NEVER;
  }
});
const passage = storedChunkSchema.extend({
  headings: json.pipe(z.array(z.string())),
  metadata: json.pipe(z.record(z.string(), metadataValue)),
});

// By the ids: the + keeps SQLite from going through the whole namespace instead.
const SELECT = `
  SELECT chunk_id AS chunkId, namespace, document_id AS documentId, version, n, title, url, headings, text,
         start_at AS start, end_at AS "end", lead, metadata
  FROM passages
  WHERE chunk_id IN (SELECT value FROM json_each(?2)) AND +namespace = ?1`;

const LIST = `
  SELECT chunk_id AS chunkId, document_id AS documentId, version, rowid AS id
  FROM passages
  WHERE namespace = ?1 AND (document_id, version, rowid) > (?2, ?3, ?4)
  ORDER BY document_id, version, rowid
  LIMIT ?5`;

const REMOVE = `
  DELETE FROM passages WHERE chunk_id IN (SELECT value FROM json_each(?2)) AND +namespace = ?1`;
