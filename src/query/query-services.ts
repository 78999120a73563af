import type { Flights } from '../cache/flights.ts';
import type { Generator } from '../models/generator.ts';
import type { RetrievalServices } from '../retrieval/retrieve.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { QueryFailure } from './query-failure.ts';

export interface QueryServices extends RetrievalServices {
  answers: AnswerCache;
  /** A failure is `null` when it was a defect. */
  flights: Flights<QueryFailure | null>;
  wait(ms: number): Promise<void>;
  newId(): string;
  /** For everything one question needs. */
  requestTimeoutMs: number;
  /** In the order they are asked; the extractive answer is always the last resort. */
  generators: readonly Generator[];
  /** Most tokens of passages in a prompt. */
  contextTokens: number;
  /** Most tokens of a generated answer. */
  answerTokens: number;
}
