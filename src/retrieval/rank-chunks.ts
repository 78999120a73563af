import { type FusedRank, fuseRankings, type Ranks } from './fuse-rankings.ts';
import type { LexicalMatch } from './lexical/lexical-search.ts';
import type { StoredChunk } from './passage.ts';
import { liftByResemblance } from './resemblance.ts';
import type { VectorMatch } from './vector-store.ts';

export interface RankedChunk {
  chunk: StoredChunk;
  /** Larger is better; comparable within one answer only. */
  score: number;
  /** Where each leg had it. */
  ranks: Ranks;
  /** Cosine with the question; `null` when the vector leg does not have it. */
  similarity: number | null;
}

/** One order of what both legs found. A leg alone keeps its own order. */
export function rankChunks(vector: readonly VectorMatch[], lexical: readonly LexicalMatch[]): RankedChunk[] {
  const chunks = new Map([...lexical, ...vector].map(({ chunk }) => [chunk.chunkId, chunk]));
  const fused = fuseRankings({ vector: vector.map(scoredId), lexical: lexical.map(scoredId) });
  const textOf = (id: string) => readableText(chunks.get(id));
  const ordered = vector.length > 0 && lexical.length > 0 ? liftByResemblance(fused, textOf) : fused;
  const similarities = new Map(vector.map(({ chunk, score }) => [chunk.chunkId, score]));
  return ordered.flatMap(({ id, score, ranks }: FusedRank) => {
    const chunk = chunks.get(id);
    return chunk === undefined ? [] : [{ chunk, score, ranks, similarity: similarities.get(id) ?? null }];
  });
}

/** A passage as somebody would read it: where it stands, then what it says. */
export function readableText(chunk: StoredChunk | undefined): string {
  if (chunk === undefined) return '';
  return [...new Set([chunk.title ?? '', ...chunk.headings]), chunk.text].join('\n');
}

function scoredId({ chunk, score }: { chunk: StoredChunk; score: number }) {
  return { id: chunk.chunkId, score };
}
