import type { AnswerStore } from '../../src/cache/answer-store.ts';
import type { Clock } from '../../src/clock.ts';
import { fail, succeed } from '../../src/result.ts';
import { anUpstreamError } from '../read-path-builders.ts';

export interface MemoryAnswerStore extends AnswerStore {
  entries: Map<string, { value: string; expiresAtMs: number }>;
  isDown: boolean;
  /** Calls that reached it. */
  reads: number;
}

/** An answer store with nothing behind it, which fails when told to. */
export function createMemoryAnswerStore(clock: Clock, name = 'memory'): MemoryAnswerStore {
  const store: MemoryAnswerStore = {
    name,
    entries: new Map(),
    isDown: false,
    reads: 0,
    async get(key, deadline) {
      if (deadline.remainingMs() <= 0) return fail(anUpstreamError({ dependency: name, code: 'DEADLINE' }));
      store.reads += 1;
      if (store.isDown) return fail(anUpstreamError({ dependency: name, code: 'TOLD' }));
      const entry = store.entries.get(key);
      return succeed(entry !== undefined && clock.nowMs() < entry.expiresAtMs ? entry.value : null);
    },
    async put(key, value, ttlSeconds) {
      if (store.isDown) return fail(anUpstreamError({ dependency: name, code: 'TOLD' }));
      store.entries.set(key, { value, expiresAtMs: clock.nowMs() + ttlSeconds * 1_000 });
      return succeed(undefined);
    },
  };
  return store;
}
