import { beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { CounterStore } from './counter-store.ts';

export interface CounterStoreUnderTest {
  open(): Promise<CounterStore>;
  /** Begins the names of all keys. */
  scratchName: string;
}

/** What every `CounterStore` promises. */
export function describeCounterStore(name: string, { open, scratchName }: CounterStoreUnderTest): void {
  describe(`the counter store ${name}`, { timeout: 30_000 }, () => {
    let store: CounterStore;
    let keys = 0;
    const aKey = () => `${scratchName}-counter-${++keys}`;
    const count = async (key: string, others: string[], ttlMs = 60_000) => {
      const counted = await store.increment(key, ttlMs, others, inSeconds(5));
      if (!counted.ok) throw new Error(counted.error.message);
      return counted.value;
    };

    beforeAll(async () => {
      store = await open();
    });

    it('counts up from nothing, and reads others, which may not be there', async () => {
      const [one, other, absent] = [aKey(), aKey(), aKey()];
      expect(await count(one, [other, absent])).toEqual({ value: 1, others: [0, 0] });
      await count(other, [one]);
      expect(await count(one, [other, absent])).toEqual({ value: 2, others: [1, 0] });
    });

    it('gives each of many the number of those before it', async () => {
      const [key, other] = [aKey(), aKey()];
      const counted = await Promise.all(Array.from({ length: 20 }, () => count(key, [other])));
      expect(counted.map(({ value }) => value).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, n) => n + 1),
      );
    });

    it('counts down again', async () => {
      const [key, other] = [aKey(), aKey()];
      await count(key, [other]);
      await count(key, [other]);
      expect(await store.decrement(key, 60_000, inSeconds(5))).toMatchObject({ ok: true });
      expect(await count(key, [other])).toMatchObject({ value: 2 });
    });

    it('forgets a counter when its time is over', async () => {
      const [key, other] = [aKey(), aKey()];
      await count(key, [other], 30);
      await expect.poll(() => count(other, [key])).toMatchObject({ others: [0] });
    });

    it('calls nobody when no time is left', async () => {
      const counted = await store.increment(aKey(), 1_000, [aKey()], inSeconds(0));
      expect(counted).toMatchObject({ ok: false, error: { code: 'DEADLINE' } });
    });
  });
}
