import { beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { ChatMessage, Generator } from './generator.ts';

const messages: ChatMessage[] = [
  { role: 'system', content: 'Answer from the passages and cite their numbers, like [1].' },
  {
    role: 'user',
    content:
      '<passage n="1" title="Cats">\nCats sleep sixteen hours a day.\n</passage>\n\n' +
      '<question>How many hours a day do cats sleep?</question>',
  },
];

export interface GeneratorUnderTest {
  open(): Promise<Generator>;
  /** Room for an answer of one sentence, and for what the model thinks before it. */
  maxTokens: number;
}

/** What every `Generator` promises. */
export function describeGenerator(name: string, { open, maxTokens }: GeneratorUnderTest): void {
  describe(`the generator ${name}`, { timeout: 60_000 }, () => {
    let generator: Generator;

    beforeAll(async () => {
      generator = await open();
    }, 120_000);

    it('answers a prompt with text and counts its tokens', async () => {
      const result = await generator.generate(messages, { maxTokens }, inSeconds(50));
      expect(result).toMatchObject({ ok: true });
      if (!result.ok) return;
      expect(result.value.text).toMatch(/sixteen|16/i);
      expect(result.value.promptTokens).toBeGreaterThan(20);
      expect(result.value.completionTokens).toBeGreaterThan(0);
    });

    it('calls nobody when no time is left', async () => {
      const result = await generator.generate(messages, { maxTokens: 10 }, inSeconds(0));
      expect(result).toMatchObject({ ok: false, error: { code: 'DEADLINE' } });
    });
  });
}
