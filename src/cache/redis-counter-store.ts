import * as z from 'zod';
import { parseAnswer } from '../resilience/bad-answer.ts';
import { classifyUpstashError } from '../resilience/upstash-errors.ts';
import type { CounterStore } from './counter-store.ts';
import { REDIS, type RedisCacheStoreOptions } from './redis-cache-store.ts';
import { redisClientFor } from './redis-client.ts';

const counted = z.tuple([z.number(), z.number(), z.array(z.string().nullable())]);

/** Counters of Upstash Redis: one transaction to count and read, so that each count sees all before it. */
export function createRedisCounterStore(options: RedisCacheStoreOptions): CounterStore {
  const { callUpstream } = options;
  const common = { dependency: REDIS, classify: classifyUpstashError };
  const clientFor = (signal: AbortSignal) => redisClientFor(options, signal);
  return {
    async increment(key, ttlMs, others, deadline) {
      const call = { ...common, operation: 'count', deadline, timeoutMs: options.readTimeoutMs };
      return callUpstream(call, async (signal) => {
        const transaction = clientFor(signal).multi().incr(key).pexpire(key, ttlMs).mget(others);
        const [value, , values] = parseAnswer(counted, await transaction.exec());
        return { value, others: values.map(Number) };
      });
    },

    async decrement(key, ttlMs, deadline) {
      const call = { ...common, operation: 'count', deadline, timeoutMs: options.writeTimeoutMs };
      return callUpstream(call, async (signal) => {
        // A key that is gone begins anew, and must not stay for ever.
        await clientFor(signal).multi().decr(key).pexpire(key, ttlMs).exec();
      });
    },
  };
}
