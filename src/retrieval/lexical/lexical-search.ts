import * as z from 'zod';
import { parseAnswer } from '../../resilience/bad-answer.ts';
import type { StoredChunk } from '../passage.ts';

// bm25() is negative and smaller is better: ascending order. Weights in the order of the columns: title, headings, text.
const SEARCH = `
  SELECT p.chunk_id, p.namespace, p.document_id, p.version, p.n, p.title, p.url, p.headings, p.text,
         p.start_at, p.end_at, p.metadata, bm25(passages_words, 3.0, 1.0, 1.0) AS score
  FROM passages_words
  JOIN passages AS p ON p.rowid = passages_words.rowid
  WHERE passages_words MATCH ?1 AND p.namespace = ?2
  ORDER BY score ASC, p.chunk_id ASC
  LIMIT ?3`;

const row = z.object({
  chunk_id: z.string(),
  namespace: z.string(),
  document_id: z.string(),
  version: z.number(),
  n: z.number(),
  title: z.string().nullable(),
  url: z.string().nullable(),
  headings: z.string(),
  text: z.string(),
  start_at: z.number(),
  end_at: z.number(),
  metadata: z.string(),
});
const answer = z.object({ results: z.array(row), meta: z.object({ rows_read: z.number() }) });
const headings = z.array(z.string());
const metadata = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));

export interface LexicalMatches {
  /** Best first. */
  chunks: StoredChunk[];
  rowsRead: number;
}

/** Passages of one namespace that hold any of the expression's words, best BM25 first. */
export async function searchWords(
  db: D1Database,
  { namespace, expression, limit }: { namespace: string; expression: string; limit: number },
): Promise<LexicalMatches> {
  const found = parseAnswer(answer, await db.prepare(SEARCH).bind(expression, namespace, limit).all());
  return { chunks: found.results.map(chunkOf), rowsRead: found.meta.rows_read };
}

function chunkOf(stored: z.infer<typeof row>): StoredChunk {
  return {
    chunkId: stored.chunk_id,
    namespace: stored.namespace,
    documentId: stored.document_id,
    version: stored.version,
    n: stored.n,
    title: stored.title,
    url: stored.url,
    headings: parseAnswer(headings, JSON.parse(stored.headings)),
    text: stored.text,
    start: stored.start_at,
    end: stored.end_at,
    metadata: parseAnswer(metadata, JSON.parse(stored.metadata)),
  };
}
