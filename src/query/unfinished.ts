import { round } from '../cost/price-sums.ts';
import type { Usage } from './answer.ts';
import type { OpenQuestion } from './open-question.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';
import { usageWithRewriting } from './with-rewriting.ts';

const NOTHING_USED: Usage = {
  ...{ embeddingTokens: 0, promptTokens: 0, completionTokens: 0, rerankTokens: 0 },
  ...{ estimated: false, costUsd: 0, savedUsd: 0 },
};

/** What an answer took that nobody has as a whole. */
export interface Paid {
  /** That wrote last; `null` when none did. */
  model: string | null;
  usage: Usage;
}

/** Tells what was paid for a question that has no answer in the end, if anything was. */
export function reportUnfinished(
  { telemetry }: Pick<QueryServices, 'telemetry'>,
  asked: OpenQuestion,
  { kind }: QueryFailure,
  paid: readonly Paid[],
): void {
  const isRewritingPaid = (asked.rewriting?.used.length ?? 0) > 0;
  if (paid.length === 0 && !isRewritingPaid) return;
  // Where answers were paid for there were passages: they were gone before they could be told.
  const reason = kind === 'retrieval-unavailable' && paid.length > 0 ? 'sources-changed' : kind;
  const { promptTokens, completionTokens, costUsd } = usageWithRewriting(
    paid.map(({ usage }) => usage).reduce(addUsage, NOTHING_USED),
    asked.rewriting,
  );
  telemetry.count('answers.unfinished', { reason });
  telemetry.emit({
    event: 'answer.unfinished',
    requestId: asked.requestId,
    namespace: asked.ask.namespace,
    reason,
    model: paid.findLast(({ model }) => model !== null)?.model ?? asked.rewriting?.used.at(-1)?.model ?? null,
    promptTokens,
    completionTokens,
    costUsd,
  });
}

export function addUsage(one: Usage, other: Usage): Usage {
  return {
    embeddingTokens: one.embeddingTokens + other.embeddingTokens,
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    rerankTokens: one.rerankTokens + other.rerankTokens,
    estimated: one.estimated || other.estimated,
    costUsd: round(one.costUsd + other.costUsd),
    savedUsd: round(one.savedUsd + other.savedUsd),
  };
}
