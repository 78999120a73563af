import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export interface RerankedPassages {
  /** From 0 to 1, larger is better, in any order. What the model left out is absent. */
  scores: { id: string; score: number }[];
  tokens: number;
  /** True when the provider gave no usage and the tokens were estimated. */
  estimated: boolean;
}

/** A model that reads question and passage together. */
export interface Reranker {
  readonly name: string;
  rerank(
    question: string,
    passages: readonly { id: string; text: string }[],
    deadline: Deadline,
  ): Promise<Result<RerankedPassages, UpstreamError>>;
}
