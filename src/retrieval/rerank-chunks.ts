import type { RerankedPassages, Reranker } from '../models/reranker.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { type Degradation, degradedBy } from './degradation.ts';
import { type RankedChunk, readableText } from './rank-chunks.ts';

// The price is by the token, and what stands far below is seldom the answer.
const MAX_RERANKED = 50;

export interface RerankUse {
  model: string;
  tokens: number;
  estimated: boolean;
}

export interface RerankedChunks {
  chunks: RankedChunk[];
  degraded: Degradation[];
  use: RerankUse | null;
}

/** The first passages in the reranker's order and with its scores; as they were when there is none or it fails. */
export async function rerankChunks(
  reranker: Reranker | null,
  question: string,
  ranked: RankedChunk[],
  deadline: Deadline,
): Promise<RerankedChunks> {
  if (reranker === null || ranked.length < 2) return { chunks: ranked, degraded: [], use: null };
  const candidates = ranked.slice(0, MAX_RERANKED);
  const passages = candidates.map(({ chunk }) => ({ id: chunk.chunkId, text: readableText(chunk) }));
  const reranked = await reranker.rerank(question, passages, deadline);
  if (!reranked.ok) return { chunks: ranked, degraded: [degradedBy('rerank', reranked.error)], use: null };
  const { scores, tokens, estimated } = reranked.value;
  return { chunks: inOrder(candidates, scores), degraded: [], use: { model: reranker.name, tokens, estimated } };
}

/** What was given no score comes last, as it stood. */
function inOrder(candidates: RankedChunk[], scores: RerankedPassages['scores']): RankedChunk[] {
  const scoreById = new Map(scores.map(({ id, score }) => [id, score]));
  const scored = candidates.filter(({ chunk }) => scoreById.has(chunk.chunkId));
  const unscored = candidates.filter(({ chunk }) => !scoreById.has(chunk.chunkId));
  return [
    ...scored
      .map((each) => ({ ...each, score: scoreById.get(each.chunk.chunkId) ?? 0 }))
      .sort((a, b) => b.score - a.score),
    ...unscored.map((each) => ({ ...each, score: 0 })),
  ];
}
