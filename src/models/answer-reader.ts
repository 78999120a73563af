import { createAnswerText } from './answer-text.ts';
import type { Completion } from './completion.ts';
import type { Completions } from './completions.ts';
import type { ChatMessage, GenerationUsage } from './generator.ts';
import { estimateGenerationTokens } from './token-estimate.ts';

/** A model's answer as text, and what it has used so far. */
export interface AnswerReader {
  /** Empty only when all that is learned is that no more text comes; `null` at the end. Throws as `Completions` does. */
  read(): Promise<string | null>;
  /** No more text comes, at most the usage. */
  isFinished(): boolean;
  /** The text ended at the most tokens it may have. */
  isCut(): boolean;
  usage(): GenerationUsage;
}

export function createAnswerReader(
  completions: Completions,
  messages: readonly ChatMessage[],
  maxTokens: number,
): AnswerReader {
  const text = createAnswerText();
  let written = '';
  let finish: Completion['finish'] = null;
  let reported: Omit<GenerationUsage, 'estimated'> | null = null;
  return {
    async read() {
      for (;;) {
        const completion = await completions.next();
        if (completion === null) return text.end() || null;
        const hasFinished = completion.finish !== null && finish === null;
        written += completion.thought + completion.text;
        finish = completion.finish ?? finish;
        reported = completion.usage ?? reported;
        const shown = text.push(completion.text);
        if (shown !== '' || hasFinished) return shown;
      }
    },
    isFinished: () => finish !== null,
    // Older models tell no reason, at most how many tokens there were.
    isCut: () => finish === 'cut' || (finish === null && reported !== null && reported.completionTokens >= maxTokens),
    usage() {
      if (reported !== null) return { ...reported, estimated: false };
      const promptTokens = messages.reduce((sum, { content }) => sum + estimateGenerationTokens(content), 0);
      return { promptTokens, completionTokens: estimateGenerationTokens(written), estimated: true };
    },
  };
}
