import { beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { AnswerStore } from './answer-store.ts';

/** What every `AnswerStore` promises. Values expire within minutes. */
export function describeAnswerStore(
  name: string,
  { open, scratchName }: { open(): Promise<AnswerStore>; scratchName: string },
): void {
  describe(`the answer store ${name}`, { timeout: 60_000 }, () => {
    let store: AnswerStore;
    beforeAll(async () => {
      store = await open();
    }, 120_000);

    const get = (key: string) => store.get(`${scratchName}:${key}`, inSeconds(10));
    const put = (key: string, value: string) => store.put(`${scratchName}:${key}`, value, 120, inSeconds(10));

    it('gives back what was put, as it was, and nothing for what was not', async () => {
      const value = JSON.stringify({ answer: '"42" \\ \\u00fc', passages: ['x'.repeat(20_000)] });
      expect(await put('a', value)).toMatchObject({ ok: true });
      expect(await get('a')).toEqual({ ok: true, value });
      expect(await get('never')).toEqual({ ok: true, value: null });
    });

    it('replaces a value', async () => {
      await put('b', 'old');
      await put('b', 'new');
      expect(await get('b')).toEqual({ ok: true, value: 'new' });
    });

    it('keeps keys apart, whatever they hold', async () => {
      const keys = ['k', 'K', 'k/', 'k%2F', 'k?x=1', 'k#x', 'k k', '../k'];
      for (const key of keys) await put(key, `value of ${key}`);
      for (const key of keys) expect(await get(key)).toEqual({ ok: true, value: `value of ${key}` });
    });

    it('calls nobody when no time is left, which is no miss', async () => {
      const answer = await store.get(`${scratchName}:a`, inSeconds(0));
      expect(answer).toMatchObject({ ok: false, error: { code: 'DEADLINE' } });
    });
  });
}
