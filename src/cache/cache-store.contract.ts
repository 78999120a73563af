import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import { DECEPTIVE_VALUES } from '../../test/support/deceptive-values.ts';
import type { CacheStore } from './cache-store.ts';

export interface CacheStoreUnderTest {
  open(): Promise<CacheStore>;
  /** Begins every key. */
  scratchName: string;
  /** Given every key that was written, when all is done; without it they expire within a minute. */
  remove?(keys: string[]): Promise<void>;
}

/** What every `CacheStore` promises. */
export function describeCacheStore(name: string, { open, scratchName, remove }: CacheStoreUnderTest): void {
  describe(`the cache store ${name}`, { timeout: 60_000 }, () => {
    const run = `vigil:${scratchName}`;
    const written = new Set<string>();
    let store: CacheStore;

    beforeAll(async () => {
      store = await open();
    }, 120_000);

    afterAll(async () => {
      if (written.size > 0) await remove?.([...written]);
    }, 60_000);

    const get = (...keys: string[]) => store.getMany(keys, inSeconds(10));
    const set = (entries: Record<string, string>, ttlSeconds = 60) => {
      for (const key of Object.keys(entries)) written.add(key);
      return store.setMany(
        Object.entries(entries).map(([key, value]) => ({ key, value })),
        ttlSeconds,
        inSeconds(10),
      );
    };

    it('gives back values in the order of the keys, and null for what it does not have', async () => {
      expect(await set({ [`${run}:a`]: 'one', [`${run}:b`]: 'two' })).toMatchObject({ ok: true });
      expect(await get(`${run}:b`, `${run}:none`, `${run}:a`)).toEqual({ ok: true, value: ['two', null, 'one'] });
    });

    it('changes nothing about a value, whatever it looks like', async () => {
      const entries = Object.fromEntries(DECEPTIVE_VALUES.map((value, index) => [`${run}:v${index}`, value]));
      await set(entries);
      expect(await get(...Object.keys(entries))).toEqual({ ok: true, value: DECEPTIVE_VALUES });
    });

    it('replaces a value written again', async () => {
      await set({ [`${run}:c`]: 'old' });
      await set({ [`${run}:c`]: 'new' });
      expect(await get(`${run}:c`)).toEqual({ ok: true, value: ['new'] });
    });

    it('writes what must not replace anything only where there is nothing, and says whether it has', async () => {
      const [key, other] = [`${run}:nx`, `${run}:nx2`];
      for (const one of [key, other]) written.add(one);
      await set({ [key]: 'first' });
      const setIfAbsent = (one: string) => store.setIfAbsent({ key: one, value: 'second' }, 60, inSeconds(10));
      expect(await setIfAbsent(key)).toEqual({ ok: true, value: false });
      expect(await setIfAbsent(other)).toEqual({ ok: true, value: true });
      expect(await get(key, other)).toEqual({ ok: true, value: ['first', 'second'] });
    });

    it('forgets a value after its time', async () => {
      await set({ [`${run}:short`]: 'gone soon' }, 1);
      await expect.poll(() => get(`${run}:short`), { timeout: 10_000 }).toEqual({ ok: true, value: [null] });
    });

    it('has nothing to do for no keys and no entries', async () => {
      expect(await get()).toEqual({ ok: true, value: [] });
      expect(await set({})).toMatchObject({ ok: true });
    });

    it('holds vectors by the hundred', async () => {
      const value = 'A'.repeat(5_500);
      const keys = Array.from({ length: 200 }, (_, index) => `${run}:many:${index}`);
      await set(Object.fromEntries(keys.map((key) => [key, value])));
      expect(await get(...keys)).toEqual({ ok: true, value: keys.map(() => value) });
    });

    it('calls nobody when no time is left, which is no miss', async () => {
      expect(await store.getMany([`${run}:a`], inSeconds(0))).toMatchObject({ ok: false, error: { code: 'DEADLINE' } });
    });
  });
}
