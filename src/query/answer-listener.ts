import type { Citation, Passage } from './answer.ts';

/**
 * Who hears of an answer while it is made. Each call resolves when the next one may come: whoever reads slowly slows the
 * model down. What is told is the answer's own: a response that is served from a cache, or without a model, is not told
 * but returned.
 */
export interface AnswerListener {
  /** Another request makes the same answer, which this one is told as a whole when it is there. */
  waiting(): Promise<void>;
  /** Before the model is asked; again when other passages take their place. */
  sources(passages: Passage[], rewrittenQuestion: string | null): Promise<void>;
  delta(text: string): Promise<void>;
  citation(citation: Citation): Promise<void>;
  /** Aborted when nobody listens any more. */
  readonly signal: AbortSignal;
  /** Shows nothing of what it hears: an answer that breaks off can be begun again by another model. */
  readonly isSilent?: boolean;
}
