import type { Clock } from '../clock.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import { succeed } from '../result.ts';
import type { Defer } from '../telemetry/defer.ts';
import { type AnswerStore, STANDINGS } from './answer-store.ts';

type Found = Awaited<ReturnType<AnswerStore['get']>>;

/** How long the near copy of a value found further away is kept: no longer than anybody could want it. */
export type TtlOf = (value: string) => number;

/**
 * A near store in front of a far one, which may have a newer value: it is asked unless the near one's is fresh. What is
 * better there is copied nearer; what is put goes to both.
 */
export function createTieredAnswerStore(options: {
  near: AnswerStore;
  far: AnswerStore;
  clock: Clock;
  defer: Defer;
  writeTimeoutMs: number;
  ttlSecondsOf: TtlOf;
}): AnswerStore {
  const { near, far, clock, defer, writeTimeoutMs, ttlSecondsOf } = options;
  return {
    name: far.name,

    async get(key, deadline, judge = async () => 'fresh') {
      const standingOf = async (found: Found) => (found.ok && found.value !== null ? judge(found.value) : 'useless');
      const nearby = await near.get(key, deadline);
      const standing = await standingOf(nearby);
      if (standing === 'fresh') return nearby;
      const found = await far.get(key, deadline);
      const isBetter = STANDINGS.indexOf(await standingOf(found)) < STANDINGS.indexOf(standing);
      // Far away an older value may linger: KV shows a write within a minute.
      if (!isBetter) return standing === 'useless' ? found : nearby;
      const ttlSeconds = found.ok && found.value !== null ? ttlSecondsOf(found.value) : 0;
      if (found.ok && found.value !== null && nearby.ok && ttlSeconds > 0) {
        defer('answer-cache.copy', near.put(key, found.value, ttlSeconds, deadlineIn(clock, writeTimeoutMs)));
      }
      return found;
    },

    async put(key, value, ttlSeconds, deadline) {
      const [nearby, kept] = await Promise.all([
        near.put(key, value, ttlSeconds, deadline),
        far.put(key, value, ttlSeconds, deadline),
      ]);
      return kept.ok || !nearby.ok ? kept : succeed(undefined);
    },
  };
}
