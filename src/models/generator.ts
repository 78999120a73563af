import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface GeneratedText {
  text: string;
  promptTokens: number;
  completionTokens: number;
  /** True when the provider gave no usage and the tokens were estimated. */
  estimated: boolean;
}

/** One text generation model, both output dialects of Workers AI behind it. */
export interface Generator {
  /** Reported as `servedBy.generation`. */
  readonly name: string;
  generate(
    messages: ChatMessage[],
    options: { maxTokens: number },
    deadline: Deadline,
  ): Promise<Result<GeneratedText, UpstreamError>>;
}
