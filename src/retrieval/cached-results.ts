import * as z from 'zod';
import type { SearchCache } from '../cache/search-cache.ts';
import { storedChunkSchema } from './passage.ts';
import type { RankedChunk } from './rank-chunks.ts';

const rankedChunk = z.object({
  chunk: storedChunkSchema,
  score: z.number(),
  ranks: z.object({ vector: z.number().nullable(), lexical: z.number().nullable() }),
  similarity: z.number().nullable(),
});

/** What a search found, as it is kept for the next one. */
export const searchResultsSchema = z.object({
  /** Normalised, with its vector in base64 when it had one: whoever asks alike compares both. */
  question: z.string(),
  vector: z.string().nullable(),
  servedBy: z.string(),
  chunks: z.array(rankedChunk),
});
export type SearchResults = z.infer<typeof searchResultsSchema>;

export type ResultsCache = SearchCache<SearchResults>;

/** The documents that chunks come from, each with its version. */
export function versionsOf(chunks: readonly RankedChunk[]): [documentId: string, version: number][] {
  // Two versions of one document can meet while the catalog is down.
  const byKey = new Map<string, [string, number]>();
  for (const { chunk } of chunks) byKey.set(`${chunk.version}:${chunk.documentId}`, [chunk.documentId, chunk.version]);
  return [...byKey.values()];
}
