import * as z from 'zod';
import { BadAnswerError, parseAnswer } from '../resilience/bad-answer.ts';
import { classifyUpstashError } from '../resilience/upstash-errors.ts';
import { succeed } from '../result.ts';
import type { FieldStore } from './field-store.ts';
import { REDIS, type RedisCacheStoreOptions } from './redis-cache-store.ts';
import { redisClientFor } from './redis-client.ts';

const values = z.array(z.string().nullable());
const written = z.number();
const writtenWithTime = z.tuple([written, written]);

/** Hashes of Upstash Redis: one HMGET to read, HSET and now and then EXPIRE to write. */
export function createRedisFieldStore(options: RedisCacheStoreOptions): FieldStore {
  const { callUpstream } = options;
  const common = { dependency: REDIS, classify: classifyUpstashError };
  const clientFor = (signal: AbortSignal) => redisClientFor(options, signal);
  return {
    async getFields(key, names, deadline) {
      if (names.length === 0) return succeed([]);
      const call = { ...common, operation: 'get-fields', deadline, timeoutMs: options.readTimeoutMs };
      return callUpstream(call, async (signal) => {
        const found = parseAnswer(values, await clientFor(signal).hmget(key, ...names));
        if (found.length !== names.length) throw new BadAnswerError('another number of values than fields');
        return found;
      });
    },

    async setFields(key, fields, ttlSeconds, deadline) {
      if (fields.length === 0) return succeed(undefined);
      const call = { ...common, operation: 'set-fields', deadline, timeoutMs: options.writeTimeoutMs };
      return callUpstream(call, async (signal) => {
        const byName = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
        if (ttlSeconds === null) {
          parseAnswer(written, await clientFor(signal).hset(key, byName));
          return;
        }
        // Both or neither: a key whose time did not begin would stay for ever.
        const transaction = clientFor(signal).multi().hset(key, byName).expire(key, ttlSeconds);
        parseAnswer(writtenWithTime, await transaction.exec());
      });
    },
  };
}
