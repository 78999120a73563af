import type { GenerationPrice } from '../cost/prices.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface GenerationUsage {
  promptTokens: number;
  completionTokens: number;
  /** True when the provider gave no usage and the tokens were estimated. */
  estimated: boolean;
}

/** What a model under way does next. Nothing comes after `end` and `failed`. */
export type GenerationStep =
  | { kind: 'text'; text: string }
  /** `isCut`: at the most tokens it may have. */
  | { kind: 'end'; isCut: boolean; usage: GenerationUsage }
  /** `CANCELLED` and `DEADLINE` are the caller's own doing; all else is the model's, such as `INTERRUPTED`. */
  | { kind: 'failed'; error: UpstreamError; usage: GenerationUsage };

/** A model whose first token is there. */
export interface Generation {
  /**
   * One at a time; the first token is the first step. Texts joined are the answer, without white space around it and
   * without what the model thinks first. Waits no longer than a token may take, or the deadline it was started with allows.
   */
  next(): Promise<GenerationStep>;
  /**
   * Stops the model, so that nothing more is paid for, and says what it has used so far. Does nothing to one that has
   * ended.
   */
  cancel(): GenerationUsage;
}

export interface GenerateOptions {
  maxTokens: number;
  /** For the first token: a model that hangs must not take the turns of those after it. */
  firstToken: Deadline;
  /** For all of them. */
  deadline: Deadline;
  /** Aborted when nobody wants the answer any more: the model is stopped, before and after its first token. */
  signal?: AbortSignal | undefined;
  /** The call goes out now. One that a breaker turns away, or that has no time left, never does. */
  onCall?: (() => void) | undefined;
}

/** One text generation model. */
export interface Generator {
  /** Reported as `servedBy.generation`. */
  readonly name: string;
  /** Its calls count towards the generations a minute that an account may make of all such models together. */
  readonly isRateBudgeted: boolean;
  /** What the operator says it costs; `null`: what the list of prices says. */
  readonly price: GenerationPrice | null;
  /** Resolves with its first token, or with why there is none. */
  start(messages: ChatMessage[], options: GenerateOptions): Promise<Result<Generation, UpstreamError>>;
}
