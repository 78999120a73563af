import type { ChatMessage, GenerateOptions, GenerationUsage, Generator } from '../../src/models/generator.ts';
import type { UpstreamError } from '../../src/resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../../src/result.ts';
import { anUpstreamError } from '../read-path-builders.ts';

/** What a model writes, token by token, and how that ends. */
export interface FakeAnswer {
  tokens: string[];
  /** After the tokens; otherwise the answer is whole. */
  breaksOff?: UpstreamError;
  /** At the most tokens it may have. */
  isCut?: boolean;
  /** Before each token, and before the end. */
  beforeToken?: (n: number) => Promise<void>;
}

const USAGE: GenerationUsage = { promptTokens: 100, completionTokens: 10, estimated: false };

/** A model that says what the test wants. `cancelled` counts the answers that were not wanted to their end, `ended` the others. */
export function aGenerator(
  name: string,
  answer: (messages: ChatMessage[], options: GenerateOptions) => Promise<Result<FakeAnswer, UpstreamError>>,
  parts: Partial<Generator> = {},
): Generator & { cancelled(): number; ended(): number } {
  let cancelled = 0;
  let ended = 0;
  return {
    name,
    isRateBudgeted: false,
    price: null,
    async start(messages, options) {
      const unwanted = anUpstreamError({ dependency: 'workers-ai', code: 'CANCELLED' });
      if (options.signal?.aborted) return fail(unwanted);
      options.onCall?.();
      const answered = await answer(messages, options);
      if (!answered.ok) return answered;
      const { tokens, breaksOff, beforeToken, isCut = false } = answered.value;
      let at = 0;
      let isOver = false;
      return succeed({
        async next() {
          await beforeToken?.(at);
          if (options.signal?.aborted) {
            if (!isOver) cancelled += 1;
            isOver = true;
            return { kind: 'failed' as const, error: unwanted, usage: USAGE };
          }
          const text = tokens[at];
          at += 1;
          if (text !== undefined) return { kind: 'text' as const, text };
          isOver = true;
          if (breaksOff) return { kind: 'failed' as const, error: breaksOff, usage: USAGE };
          ended += 1;
          return { kind: 'end' as const, isCut, usage: USAGE };
        },
        cancel() {
          if (!isOver) cancelled += 1;
          isOver = true;
          return USAGE;
        },
      });
    },
    cancelled: () => cancelled,
    ended: () => ended,
    ...parts,
  };
}

/** One that answers with this text, in a few tokens. */
export function says(text: string): Result<FakeAnswer, UpstreamError> {
  return succeed({ tokens: text.match(/\s*\S+/g) ?? [] });
}
