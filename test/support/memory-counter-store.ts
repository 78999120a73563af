import type { CounterStore } from '../../src/cache/counter-store.ts';
import type { Clock } from '../../src/clock.ts';
import { succeed } from '../../src/result.ts';

/** Counters that everybody who holds it shares, with a time to live. */
export function createMemoryCounterStore(clock: Clock): CounterStore {
  const counters = new Map<string, { value: number; untilMs: number }>();

  function current(key: string): number {
    const counter = counters.get(key);
    return counter !== undefined && clock.nowMs() < counter.untilMs ? counter.value : 0;
  }

  function add(key: string, by: number, ttlMs: number): number {
    const value = current(key) + by;
    counters.set(key, { value, untilMs: clock.nowMs() + ttlMs });
    return value;
  }

  return {
    increment: async (key, ttlMs, others) => succeed({ value: add(key, 1, ttlMs), others: others.map(current) }),
    async decrement(key, ttlMs) {
      add(key, -1, ttlMs);
      return succeed(undefined);
    },
  };
}
