import { beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { CacheStore } from './cache-store.ts';

/** What every `CacheStore` promises. Its keys are its own and expire within a minute. */
export function describeCacheStore(name: string, make: () => Promise<CacheStore>): void {
  describe(`the cache store ${name}`, { timeout: 30_000 }, () => {
    const run = `vigil:contract:${Date.now().toString(36)}`;
    let store: CacheStore;

    beforeAll(async () => {
      store = await make();
    }, 120_000);

    const get = (...keys: string[]) => store.getMany(keys, inSeconds(5));
    const set = (entries: Record<string, string>, ttlSeconds = 60) =>
      store.setMany(
        Object.entries(entries).map(([key, value]) => ({ key, value })),
        ttlSeconds,
        inSeconds(5),
      );

    it('gives back values in the order of the keys, and null for what it does not have', async () => {
      expect(await set({ [`${run}:a`]: 'one', [`${run}:b`]: 'two' })).toMatchObject({ ok: true });
      expect(await get(`${run}:b`, `${run}:none`, `${run}:a`)).toEqual({ ok: true, value: ['two', null, 'one'] });
    });

    it('changes nothing about a value, whatever it looks like', async () => {
      const values = ['123', '1e5', 'true', 'null', '{"a":1}', '"quoted"', 'OK', '', 'f32:AAAA+/==', ' x '];
      const entries = Object.fromEntries(values.map((value, index) => [`${run}:v${index}`, value]));
      await set(entries);
      expect(await get(...Object.keys(entries))).toEqual({ ok: true, value: values });
    });

    it('replaces a value written again', async () => {
      await set({ [`${run}:c`]: 'old' });
      await set({ [`${run}:c`]: 'new' });
      expect(await get(`${run}:c`)).toEqual({ ok: true, value: ['new'] });
    });

    it('forgets a value after its time', async () => {
      await set({ [`${run}:short`]: 'gone soon' }, 1);
      await expect.poll(() => get(`${run}:short`), { timeout: 5_000 }).toEqual({ ok: true, value: [null] });
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
