import * as z from 'zod';
import { parseAnswer } from '../../resilience/bad-answer.ts';
import type { MetadataFilter } from '../filters/metadata-filter.ts';
import { toSqlCondition } from '../filters/to-sql-condition.ts';
import type { StoredChunk } from '../passage.ts';
import { chunkOf, chunkRow } from './chunk-rows.ts';
import type { LexicalQuery } from './lexical-query.ts';
import { fragmentsStatement, substringsStatement, wordsStatement } from './lexical-statements.ts';

// A name in code has been found by its words already; what it adds is that they stand together. Measured.
const SUBSTRING_WEIGHT = 0.25;

const UNFILTERED = { sql: '?4 IS NULL', operands: null };

const row = chunkRow.extend({ score: z.number() });
const answer = z.object({ results: z.array(row), meta: z.object({ rows_read: z.number() }) });
const answers = z.array(answer);

export interface LexicalMatch {
  chunk: StoredChunk;
  /** BM25, larger is better; comparable within one answer only. */
  score: number;
}

export interface LexicalMatches {
  /** Best first. */
  matches: LexicalMatch[];
  rowsRead: number;
}

export interface LexicalSearch {
  namespace: string;
  query: LexicalQuery;
  limit: number;
  filter: MetadataFilter | null;
}

/** Passages of one namespace that fit the query, best first: one round trip, whatever has to be looked for. */
export async function searchWords(db: D1Database, search: LexicalSearch): Promise<LexicalMatches> {
  // Any replica may answer: what it is late with, the catalog drops or the next question finds.
  const session = db.withSession('first-unconstrained');
  const parts = partsOf(session, search);
  if (parts.length === 0) return { matches: [], rowsRead: 0 };
  const found = parseAnswer(answers, await session.batch(parts.map(({ statement }) => statement)));
  const rows = found.flatMap(({ results }, part) =>
    results.map((each) => ({ ...each, score: each.score * (parts[part]?.weight ?? 0) })),
  );
  return {
    matches: mergeByScore(rows).slice(0, search.limit),
    rowsRead: found.reduce((sum, { meta }) => sum + meta.rows_read, 0),
  };
}

interface Part {
  statement: D1PreparedStatement;
  weight: number;
}

function partsOf(session: D1DatabaseSession, { namespace, limit, filter, query }: LexicalSearch): Part[] {
  const { sql, operands } = filter === null ? UNFILTERED : toSqlCondition(filter, 'p.metadata', '?4');
  const prepare = (text: string, wanted: string, ...more: string[]) =>
    session.prepare(text).bind(wanted, namespace, limit, operands, ...more);
  const parts: Part[] = [];
  if (query.words.length > 0) {
    const words = JSON.stringify(query.words.map(quote));
    parts.push({ statement: prepare(wordsStatement(sql), words, scopeOf(namespace)), weight: 1 });
  }
  if (query.substrings.length > 0) {
    const anyOf = query.substrings.map(quote).join(' OR ');
    parts.push({ statement: prepare(substringsStatement(sql), anyOf), weight: SUBSTRING_WEIGHT });
  }
  if (query.fragments.length > 0) {
    parts.push({ statement: prepare(fragmentsStatement(sql), JSON.stringify(query.fragments)), weight: 1 });
  }
  return parts;
}

/** The migration's `scope` of the namespace, as an FTS5 expression. */
function scopeOf(namespace: string): string {
  const bytes = new TextEncoder().encode(namespace);
  return `scope : "n${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}x"`;
}

// Within quotation marks FTS5 knows no syntax but a doubled mark.
function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A passage found in several ways has the sum of its scores. */
function mergeByScore(rows: z.infer<typeof row>[]): LexicalMatch[] {
  const byId = new Map<string, LexicalMatch>();
  for (const found of rows) {
    const match = byId.get(found.chunk_id) ?? { chunk: chunkOf(found), score: 0 };
    match.score += found.score;
    byId.set(found.chunk_id, match);
  }
  return [...byId.values()].sort((a, b) => b.score - a.score || (a.chunk.chunkId < b.chunk.chunkId ? -1 : 1));
}
