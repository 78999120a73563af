import * as z from 'zod';
import { toAscii } from '../cache/ascii.ts';
import type { CacheStore } from '../cache/cache-store.ts';
import { rewritingKey } from '../cache/keys.ts';
import type { Clock } from '../clock.ts';
import { type Deadline, deadlineIn, deadlineWithin } from '../resilience/deadline.ts';
import type { Defer } from '../telemetry/defer.ts';
import { type Ask, normaliseQuestion } from './ask.ts';

/** What models have made of the last question of a conversation, for the same conversation. */
export interface RewritingCache {
  keyOf(ask: Ask): Promise<string>;
  /** `null`: there is none, or nobody could say. */
  find(key: string, deadline: Deadline): Promise<string | null>;
  /** Nobody waits for it. */
  keep(key: string, question: string): void;
}

export interface RewritingCacheOptions {
  store: CacheStore;
  clock: Clock;
  defer: Defer;
  /** Models and versions that rewriting depends on. */
  madeBy: readonly (string | number)[];
  readTimeoutMs: number;
  writeTimeoutMs: number;
}

const TTL_SECONDS = 60 * 60;

const storedSchema = z.object({ v: z.literal(1), question: z.string().min(1) });

export function createRewritingCache(options: RewritingCacheOptions): RewritingCache {
  const { store, clock, defer, madeBy, readTimeoutMs, writeTimeoutMs } = options;
  return {
    keyOf({ namespace, history, question }) {
      const turns = history.map(({ role, content }) => [role, normaliseQuestion(content)] as const);
      return rewritingKey({ namespace, turns, question: normaliseQuestion(question), madeBy });
    },

    async find(key, deadline) {
      const found = await store.getMany([key], deadlineWithin(clock, readTimeoutMs, deadline));
      return found.ok ? decode(found.value[0] ?? null) : null;
    },

    keep(key, question) {
      const value = toAscii(JSON.stringify({ v: 1, question } satisfies z.infer<typeof storedSchema>));
      const deadline = deadlineIn(clock, writeTimeoutMs);
      defer('rewriting-cache.write', store.setMany([{ key, value }], TTL_SECONDS, deadline));
    },
  };
}

function decode(value: string | null): string | null {
  if (value === null) return null;
  try {
    const stored = storedSchema.safeParse(JSON.parse(value));
    return stored.success ? stored.data.question : null;
  } catch {
    return null;
  }
}
