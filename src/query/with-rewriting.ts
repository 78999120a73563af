import { round } from '../cost/price-sums.ts';
import { costOfRewriting } from '../cost/usage-cost.ts';
import type { SearchResult } from './answer.ts';
import { type OpenQuestion, rewrittenQuestion } from './open-question.ts';

type Response = Pick<SearchResult, 'rewrittenQuestion' | 'degraded' | 'timings' | 'usage'>;

/** A response with what this request's conversation has added to it: never a part of what is kept for others. */
export function withRewriting<T extends Response>(response: T, asked: OpenQuestion): T {
  const { rewriting } = asked;
  if (rewriting === null) return response;
  const { used, redisCommands, degraded, durationMs } = rewriting;
  const { usage, timings } = response;
  const cost = costOfRewriting({ generations: used, redisCommands });
  return {
    ...response,
    rewrittenQuestion: rewrittenQuestion(asked),
    degraded: [...degraded, ...response.degraded],
    timings: { ...timings, rewritingMs: durationMs },
    usage: {
      ...usage,
      promptTokens: used.reduce((sum, { promptTokens }) => sum + promptTokens, usage.promptTokens),
      completionTokens: used.reduce((sum, { completionTokens }) => sum + completionTokens, usage.completionTokens),
      estimated: usage.estimated || cost.estimated || used.some(({ estimated }) => estimated),
      costUsd: round(usage.costUsd + cost.costUsd),
    },
  };
}
