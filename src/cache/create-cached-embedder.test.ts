import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { anUpstreamError, inSeconds, silentTelemetry } from '../../test/read-path-builders.ts';
import type { Embedder, EmbeddingModel } from '../models/embedder.ts';
import { fail, succeed } from '../result.ts';
import type { CacheStore } from './cache-store.ts';
import { createCachedEmbedder } from './create-cached-embedder.ts';

const model: EmbeddingModel = {
  name: 'test/letters',
  dimensions: 1,
  pooling: 'mean',
  maxInputTokens: 10,
  maxTextsPerCall: 2,
};
const vectorOf = (text: string) => new Float32Array([text.charCodeAt(0)]);

function memoryStore(entries = new Map<string, string>(), ttls: number[] = []): CacheStore {
  return {
    name: 'memory',
    getMany: async (keys) => succeed(keys.map((key) => entries.get(key) ?? null)),
    async setMany(written, ttlSeconds) {
      for (const { key, value } of written) entries.set(key, value);
      ttls.push(ttlSeconds);
      return succeed(undefined);
    },
    setIfAbsent: () => Promise.reject(new Error('a vector replaces a vector')),
  };
}

function setUp(store: CacheStore, failAt = Number.POSITIVE_INFINITY) {
  const clock = createManualClock();
  const calls: string[][] = [];
  const deferred: Promise<unknown>[] = [];
  const embedder: Embedder = {
    model,
    async embed(texts) {
      calls.push(texts);
      if (calls.length > failAt) return fail(anUpstreamError({ code: '3040' }));
      return succeed({ vectors: texts.map(vectorOf), tokens: texts.length, estimated: false });
    },
  };
  const cached = createCachedEmbedder({
    embedder,
    store,
    clock,
    telemetry: silentTelemetry,
    defer: (_name, promise) => deferred.push(promise),
    readTimeoutMs: 150,
    writeTimeoutMs: 1_000,
  });
  return {
    calls,
    deferred,
    embed: (texts: string[]) => cached.embed(texts, inSeconds(5, clock)),
  };
}

describe('the cached embedder', () => {
  it('embeds the second time nothing, and bills nothing', async () => {
    const ttls: number[] = [];
    const { embed, calls, deferred } = setUp(memoryStore(new Map(), ttls));
    expect(await embed(['a'])).toMatchObject({ ok: true, value: { cache: 'miss', tokens: 1 } });
    await Promise.all(deferred);
    expect(await embed(['a'])).toEqual({
      ok: true,
      value: { vectors: [vectorOf('a')], cache: 'hit', tokens: 0, estimated: false },
    });
    expect(calls).toEqual([['a']]);
    expect(ttls).toEqual([86_400]);
  });

  it('embeds duplicates once and misses in full batches, and answers in the order of the texts', async () => {
    const { embed, calls } = setUp(memoryStore());
    const result = await embed(['c', 'a', 'c', 'b', 'a']);
    expect(calls).toEqual([['c', 'a'], ['b']]);
    expect(result).toMatchObject({ ok: true, value: { vectors: ['c', 'a', 'c', 'b', 'a'].map(vectorOf), tokens: 3 } });
  });

  it('embeds only what the cache does not have', async () => {
    const { embed, calls, deferred } = setUp(memoryStore());
    await embed(['a']);
    await Promise.all(deferred);
    expect(await embed(['b', 'a'])).toMatchObject({ ok: true, value: { cache: 'miss', tokens: 1 } });
    expect(calls).toEqual([['a'], ['b']]);
  });

  it('takes a damaged value for a miss', async () => {
    const store = memoryStore();
    const damaged: CacheStore = { ...store, getMany: async (keys) => succeed(keys.map(() => 'f32:AAAA')) };
    expect(await setUp(damaged).embed(['a'])).toMatchObject({ ok: true, value: { cache: 'miss' } });
  });

  it('tells a cache that cannot be asked from a miss, and does not write to it', async () => {
    const failing: CacheStore = { ...memoryStore(), getMany: async () => fail(anUpstreamError()) };
    const { embed, deferred } = setUp(failing);
    expect(await embed(['a'])).toMatchObject({ ok: true, value: { cache: 'unavailable', tokens: 1 } });
    expect(deferred).toEqual([]);
  });

  it('gives the cache its own short time', async () => {
    const waits: number[] = [];
    const slow: CacheStore = {
      ...memoryStore(),
      async getMany(keys, deadline) {
        waits.push(deadline.remainingMs());
        return succeed(keys.map(() => null));
      },
    };
    await setUp(slow).embed(['a']);
    expect(waits).toEqual([150]);
  });

  it('fails with the model, and keeps the batches already paid for', async () => {
    const entries = new Map<string, string>();
    const { embed, deferred } = setUp(memoryStore(entries), 1);
    expect(await embed(['a', 'b', 'c'])).toMatchObject({ ok: false, error: { code: '3040', cache: 'miss' } });
    await Promise.all(deferred);
    expect(entries.size).toBe(2);
  });
});
