import { round } from '../cost/price-sums.ts';
import { costOfRewriting } from '../cost/usage-cost.ts';
import type { SearchResult, Usage } from './answer.ts';
import { type OpenQuestion, rewrittenQuestion } from './open-question.ts';
import type { Rewriting } from './rewrite-question.ts';

type Response = Pick<SearchResult, 'rewrittenQuestion' | 'degraded' | 'timings' | 'usage'>;

/** A response with what this request's conversation has added to it: never a part of what is kept for others. */
export function withRewriting<T extends Response>(response: T, asked: OpenQuestion): T {
  const { rewriting } = asked;
  if (rewriting === null) return response;
  const { degraded, durationMs } = rewriting;
  return {
    ...response,
    rewrittenQuestion: rewrittenQuestion(asked),
    degraded: [...degraded, ...response.degraded],
    timings: { ...response.timings, rewritingMs: durationMs },
    usage: usageWithRewriting(response.usage, rewriting),
  };
}

export function usageWithRewriting(usage: Usage, rewriting: Rewriting | null): Usage {
  if (rewriting === null) return usage;
  const { used, redisCommands } = rewriting;
  const cost = costOfRewriting({ generations: used, redisCommands });
  return {
    ...usage,
    promptTokens: used.reduce((sum, { promptTokens }) => sum + promptTokens, usage.promptTokens),
    completionTokens: used.reduce((sum, { completionTokens }) => sum + completionTokens, usage.completionTokens),
    estimated: usage.estimated || cost.estimated || used.some(({ estimated }) => estimated),
    costUsd: round(usage.costUsd + cost.costUsd),
  };
}
