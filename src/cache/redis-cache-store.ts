import * as z from 'zod';
import { BadAnswerError, parseAnswer } from '../resilience/bad-answer.ts';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import { classifyUpstashError } from '../resilience/upstash-errors.ts';
import { succeed } from '../result.ts';
import type { CacheStore } from './cache-store.ts';
import { redisClientFor } from './redis-client.ts';

export const REDIS = 'redis';

const values = z.array(z.string().nullable());
const written = z.array(z.literal('OK'));
const writtenOrNot = z.literal('OK').nullable();

export interface RedisCacheStoreOptions {
  url: string;
  token: string;
  callUpstream: CallUpstream;
  readTimeoutMs: number;
  writeTimeoutMs: number;
}

/** Upstash Redis over REST: one MGET to read, one pipeline to write. */
export function createRedisCacheStore(options: RedisCacheStoreOptions): CacheStore {
  const { callUpstream } = options;
  const common = { dependency: REDIS, classify: classifyUpstashError };

  const clientFor = (signal: AbortSignal) => redisClientFor(options, signal);

  return {
    name: REDIS,

    async getMany(keys, deadline) {
      if (keys.length === 0) return succeed([]);
      const call = { ...common, operation: 'get', deadline, timeoutMs: options.readTimeoutMs };
      return callUpstream(call, async (signal) => {
        const found = parseAnswer(values, await clientFor(signal).mget(keys));
        if (found.length !== keys.length) throw new BadAnswerError('another number of values than keys');
        return found;
      });
    },

    async setMany(entries, ttlSeconds, deadline) {
      if (entries.length === 0) return succeed(undefined);
      const call = { ...common, operation: 'set', deadline, timeoutMs: options.writeTimeoutMs };
      return callUpstream(call, async (signal) => {
        const pipeline = clientFor(signal).pipeline();
        for (const { key, value } of entries) pipeline.set(key, value, { ex: ttlSeconds });
        parseAnswer(written, await pipeline.exec());
      });
    },

    async setIfAbsent({ key, value }, ttlSeconds, deadline) {
      const call = { ...common, operation: 'set', deadline, timeoutMs: options.writeTimeoutMs };
      return callUpstream(call, async (signal) => {
        return (
          parseAnswer(writtenOrNot, await clientFor(signal).set(key, value, { ex: ttlSeconds, nx: true })) !== null
        );
      });
    },
  };
}
