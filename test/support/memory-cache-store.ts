import type { CacheStore } from '../../src/cache/cache-store.ts';
import type { Clock } from '../../src/clock.ts';
import { fail, succeed } from '../../src/result.ts';
import { anUpstreamError } from '../read-path-builders.ts';

export interface MemoryCacheStore extends CacheStore {
  entries: Map<string, { value: string; expiresAtMs: number }>;
  isDown: boolean;
  /** Read commands that reached it. */
  reads: number;
}

/** A cache store with nothing behind it, which fails when told to. */
export function createMemoryCacheStore(clock: Clock): MemoryCacheStore {
  const unavailable = () => fail(anUpstreamError({ dependency: 'memory', code: 'TOLD' }));
  const standing = (key: string) => {
    const entry = store.entries.get(key);
    return entry !== undefined && clock.nowMs() < entry.expiresAtMs ? entry.value : null;
  };
  const store: MemoryCacheStore = {
    name: 'memory',
    entries: new Map(),
    isDown: false,
    reads: 0,
    async getMany(keys, deadline) {
      if (keys.length === 0) return succeed([]);
      if (deadline.remainingMs() <= 0) return fail(anUpstreamError({ dependency: 'memory', code: 'DEADLINE' }));
      store.reads += 1;
      return store.isDown ? unavailable() : succeed(keys.map(standing));
    },
    async setMany(entries, ttlSeconds) {
      if (store.isDown) return unavailable();
      const expiresAtMs = clock.nowMs() + ttlSeconds * 1_000;
      for (const { key, value } of entries) store.entries.set(key, { value, expiresAtMs });
      return succeed(undefined);
    },
    async setIfAbsent({ key, value }, ttlSeconds) {
      if (store.isDown) return unavailable();
      if (standing(key) !== null) return succeed(false);
      store.entries.set(key, { value, expiresAtMs: clock.nowMs() + ttlSeconds * 1_000 });
      return succeed(true);
    },
  };
  return store;
}
