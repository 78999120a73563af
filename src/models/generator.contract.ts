import { beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { Transcriber } from '../../test/support/transcribe.ts';
import type { ChatMessage } from './generator.ts';

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
  open(): Promise<Transcriber>;
  /** Room for an answer of one sentence, and for what the model thinks before it. */
  maxTokens: number;
  /** Whether it tells why an answer has ended; older models do not while they stream. */
  tellsCut?: boolean;
  /** How many calls their client has left before the end, where somebody counts them. */
  cancelledCalls?: () => Promise<number>;
}

/** What every `Generator` promises. */
export function describeGenerator(
  name: string,
  { open, maxTokens, tellsCut = true, cancelledCalls }: GeneratorUnderTest,
): void {
  describe(`the generator ${name}`, { timeout: 60_000 }, () => {
    let model: Transcriber;
    const inTime = (seconds = 50) => ({ maxTokens, firstToken: inSeconds(seconds), deadline: inSeconds(seconds) });

    beforeAll(async () => {
      model = await open();
    }, 120_000);

    it('answers a prompt with text, its first token before its last, and counts its tokens', async () => {
      const { texts, last, error } = await model.transcribe(messages, inTime());
      expect(error).toBeNull();
      const answer = texts.map(({ text }) => text).join('');
      expect(answer).toMatch(/sixteen|16/i);
      expect(answer).toBe(answer.trim());
      expect(texts.length).toBeGreaterThan(1);
      expect(texts.at(-1)?.atMs).toBeGreaterThan(texts[0]?.atMs ?? 0);
      if (last?.kind !== 'end') throw new Error(`it ended by ${JSON.stringify(last)}`);
      expect(last.isCut).toBe(false);
      expect(last.usage.promptTokens).toBeGreaterThan(20);
      expect(last.usage.completionTokens).toBeGreaterThan(0);
    });

    it.each([{ cancelAfter: 2 }, { abortAfter: 2 }])('stops when it is told to: %j', async (leaving) => {
      const before = (await cancelledCalls?.()) ?? 0;
      const { texts, last, cancelled } = await model.transcribe(messages, inTime(), leaving);
      expect(texts).toHaveLength(2);
      expect(last).toMatchObject({ kind: 'failed', error: { code: 'CANCELLED' } });
      if (leaving.cancelAfter) expect(cancelled?.completionTokens).toBeGreaterThan(0);
      if (cancelledCalls) await expect.poll(() => cancelledCalls()).toBe(before + 1);
    });

    it.runIf(tellsCut)('says when its answer was cut at the most tokens it may have', async () => {
      const { last } = await model.transcribe(messages, { ...inTime(), maxTokens: 3 });
      expect(last).toMatchObject({ kind: 'end', isCut: true });
    });

    it('calls nobody when no time is left', async () => {
      const { error } = await model.transcribe(messages, inTime(0));
      expect(error).toMatchObject({ code: 'DEADLINE' });
    });
  });
}
