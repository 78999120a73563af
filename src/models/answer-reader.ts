import { createAnswerText } from './answer-text.ts';
import type { Completions } from './completions.ts';
import type { ChatMessage, GenerationUsage } from './generator.ts';
import { estimateTokens } from './token-estimate.ts';

/** A model's answer as text, and what it has used so far. */
export interface AnswerReader {
  /** Empty only when all that is learned is that no more text comes; `null` at the end. Throws as `Completions` does. */
  read(): Promise<string | null>;
  /** No more text comes, at most the usage. */
  isFinished(): boolean;
  usage(): GenerationUsage;
}

export function createAnswerReader(completions: Completions, messages: readonly ChatMessage[]): AnswerReader {
  const text = createAnswerText();
  let written = '';
  let isFinished = false;
  let reported: Omit<GenerationUsage, 'estimated'> | null = null;
  return {
    async read() {
      for (;;) {
        const completion = await completions.next();
        if (completion === null) return text.end() || null;
        const hasFinished = completion.isFinished && !isFinished;
        written += completion.thought + completion.text;
        isFinished ||= hasFinished;
        reported = completion.usage ?? reported;
        const shown = text.push(completion.text);
        if (shown !== '' || hasFinished) return shown;
      }
    },
    isFinished: () => isFinished,
    usage() {
      if (reported !== null) return { ...reported, estimated: false };
      const promptTokens = messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
      return { promptTokens, completionTokens: estimateTokens(written), estimated: true };
    },
  };
}
