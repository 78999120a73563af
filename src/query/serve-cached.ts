import { costOfCachedAnswer } from '../cost/usage-cost.ts';
import type { Degradation } from '../retrieval/degradation.ts';
import type { Answer } from './answer.ts';
import type { OpenQuestion } from './open-question.ts';
import type { QueryServices } from './query-services.ts';

/** A kept answer as the response to another request: what it says is the same, what it took and cost is not. */
export function serveCached(
  { clock, newId }: Pick<QueryServices, 'clock' | 'newId'>,
  { startedAtMs }: OpenQuestion,
  kept: Answer,
  response: 'hit' | 'stale',
  degraded: Degradation[] = [],
): Answer {
  return {
    ...kept,
    id: newId(),
    cache: { response, embedding: 'bypass', search: 'bypass', similarity: null },
    degraded,
    timings: {
      rewritingMs: null,
      embeddingMs: null,
      retrievalMs: 0,
      generationMs: null,
      totalMs: clock.nowMs() - startedAtMs,
    },
    usage: {
      embeddingTokens: 0,
      promptTokens: 0,
      completionTokens: 0,
      rerankTokens: 0,
      estimated: kept.usage.estimated,
      ...costOfCachedAnswer(kept.usage.costUsd),
    },
  };
}
