import type { Flights } from '../cache/flights.ts';
import type { GenerationBudget } from '../models/generation-budget.ts';
import type { Generator } from '../models/generator.ts';
import type { RetrievalServices } from '../retrieval/retrieve.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { QueryFailure } from './query-failure.ts';
import type { RelevanceCalibration } from './relevance.ts';
import type { RewritingCache } from './rewriting-cache.ts';
import type { SupportServices } from './support.ts';

export interface QueryServices extends RetrievalServices {
  answers: AnswerCache;
  rewritings: RewritingCache;
  /** A failure is `null` when it says nothing to others: a defect, or what befell only the one who asked. */
  flights: Flights<QueryFailure | null>;
  wait(ms: number): Promise<void>;
  newId(): string;
  /** For everything one question needs. */
  requestTimeoutMs: number;
  /** For the words of an answer that is read while it is written. */
  streamTimeoutMs: number;
  /** In the order they are asked; the extractive answer is always the last resort. */
  generators: readonly Generator[];
  /** Of those that are rate-budgeted; `null`: no limit. */
  generationBudget: GenerationBudget | null;
  /** Of sentences, to compare what an answer says with what it cites; `null`: words alone are compared. */
  claims: SupportServices['claims'];
  /** `null`: the embedding model is not calibrated, and nothing is refused that was found. */
  relevance: RelevanceCalibration | null;
  /** Most tokens of passages in a prompt. */
  contextTokens: number;
  /** Most tokens of a generated answer. */
  answerTokens: number;
}
