import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anUpstreamError, aQuestionEmbedder, inSeconds } from '../../test/read-path-builders.ts';
import { createMemoryCacheStore } from '../../test/support/memory-cache-store.ts';
import { systemClock } from '../clock.ts';
import type { EmbeddingModel } from '../models/embedder.ts';
import { createLatencySamples } from '../resilience/latency-samples.ts';
import { fail, succeed } from '../result.ts';
import type { CacheMode, VectorReading } from './cached-embedder.ts';
import { encodeEmbedding } from './embedding-codec.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What three in four of the readings seen took at most: 1, 2, … 40 ms. */
const USUAL_MS = 30;
const model: EmbeddingModel = {
  ...{ name: 'test/three-numbers', dimensions: 3, pooling: 'mean' },
  ...{ maxInputTokens: 10, maxTextsPerCall: 2 },
};
const VECTOR = Float32Array.of(1, 2, 3);
const CACHED = Float32Array.of(4, 5, 6);
const HIT: VectorReading = succeed(encodeEmbedding(CACHED));
const MISS: VectorReading = succeed(null);
const UNAVAILABLE: VectorReading = fail(anUpstreamError({ dependency: 'redis' }));

interface Plan {
  reading: VectorReading;
  readingMs: number;
  modelMs?: number;
  modelFails?: boolean;
  mode?: CacheMode;
  isWanted?: boolean;
  /** How many readings this isolate has seen. */
  seen?: number;
}

function begin({ reading, readingMs, modelMs = 50, modelFails, mode = 'default', isWanted = true, seen = 40 }: Plan) {
  const store = createMemoryCacheStore(systemClock);
  const readings = createLatencySamples();
  for (let n = 1; n <= seen; n++) readings.add(n, Date.now());
  const startedAtMs = Date.now();
  const calledAtMs: number[] = [];
  const deferred: Promise<unknown>[] = [];
  const embedder = aQuestionEmbedder(
    async () => {
      calledAtMs.push(Date.now() - startedAtMs);
      await after(modelMs);
      if (modelFails) return fail(anUpstreamError({ dependency: 'workers-ai', code: '3040' }));
      return succeed({ vectors: [VECTOR], tokens: 5, estimated: false });
    },
    { store, readings, model, defer: (_name, promise) => deferred.push(promise) },
  );
  const embedding = embedder.begin(
    'What is the limit?',
    { mode, reading: after(readingMs).then(() => reading), isWanted: () => isWanted },
    inSeconds(5),
  );
  return { store, calledAtMs, deferred, embedding, sinceMs: () => Date.now() - startedAtMs };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function vectorOf(plan: Plan) {
  const begun = begin(plan);
  const ended = begun.embedding.vector().then((result) => ({ result, afterMs: begun.sinceMs() }));
  await vi.runAllTimersAsync();
  const vector = await ended;
  await Promise.all(begun.deferred);
  return { ...begun, ...vector };
}

describe('the vector of a question', () => {
  it('comes from the cache, which bills no tokens', async () => {
    const { result, calledAtMs } = await vectorOf({ reading: HIT, readingMs: USUAL_MS });
    expect(result).toEqual({ ok: true, value: { vector: CACHED, tokens: 0, estimated: false, cache: 'hit' } });
    expect(calledAtMs).toEqual([]);
  });

  it('comes from the model on a miss, and is kept for 24 hours', async () => {
    const { result, store, calledAtMs } = await vectorOf({ reading: MISS, readingMs: USUAL_MS });
    expect(result).toEqual({ ok: true, value: { vector: VECTOR, tokens: 5, estimated: false, cache: 'miss' } });
    expect(calledAtMs).toEqual([USUAL_MS]);
    const [entry] = [...store.entries.values()];
    expect(entry?.value).toBe(encodeEmbedding(VECTOR));
    expect((entry?.expiresAtMs ?? 0) - Date.now()).toBeGreaterThan(24 * 3_600_000 - 1_000);
  });

  it('is made anew when what is kept is damaged', async () => {
    const { result, store } = await vectorOf({ reading: succeed('f32:AAAA'), readingMs: USUAL_MS });
    expect(result).toMatchObject({ ok: true, value: { cache: 'miss' } });
    expect(store.entries.size).toBe(1);
  });

  it('is not written to a cache that could not be read', async () => {
    for (const [seen, cache] of [
      [0, 'unavailable'],
      [40, 'overtaken'],
    ] as const) {
      const { result, store } = await vectorOf({ reading: UNAVAILABLE, readingMs: 150, seen });
      expect(result).toMatchObject({ ok: true, value: { vector: VECTOR, cache } });
      expect(store.entries.size).toBe(0);
    }
  });

  it.each([
    ['no-store', 0],
    ['reload', 1],
  ] as const)('is not looked for under %s', async (mode, kept) => {
    const { result, store } = await vectorOf({ reading: null, readingMs: 0, mode });
    expect(result).toMatchObject({ ok: true, value: { vector: VECTOR, cache: 'bypass' } });
    expect(store.entries.size).toBe(kept);
  });

  it('fails with the model, and says what the cache had said', async () => {
    const { result } = await vectorOf({ reading: MISS, readingMs: 1, modelFails: true });
    expect(result).toMatchObject({ ok: false, error: { code: '3040', cache: 'miss' } });
  });
});

describe('a reading slower than it usually is', () => {
  it('no longer holds the model back: its answer is used when it comes first', async () => {
    const { result, afterMs, calledAtMs } = await vectorOf({ reading: HIT, readingMs: 150 });
    expect(calledAtMs).toEqual([USUAL_MS]);
    expect(afterMs).toBe(USUAL_MS + 50);
    expect(result).toEqual({
      ok: true,
      value: { vector: VECTOR, tokens: 5, estimated: false, cache: 'overtaken' },
    });
  });

  it('that misses in the end has what the model answered kept', async () => {
    const { result, store } = await vectorOf({ reading: MISS, readingMs: 150 });
    expect(result).toMatchObject({ ok: true, value: { cache: 'overtaken' } });
    expect(store.entries.size).toBe(1);
  });

  it('is used when it comes first, and the call made in vain is counted', async () => {
    const { result, afterMs, calledAtMs } = await vectorOf({ reading: HIT, readingMs: 50 });
    expect(afterMs).toBe(50);
    expect(calledAtMs).toEqual([USUAL_MS]);
    expect(result).toMatchObject({ ok: true, value: { vector: CACHED, cache: 'hit', estimated: true } });
    expect(result.ok && result.value.tokens).toBeGreaterThan(0);
  });

  it('that misses has cost no time: the model is asked once, and its answer kept', async () => {
    const { result, afterMs, calledAtMs, store } = await vectorOf({ reading: MISS, readingMs: 50 });
    expect(calledAtMs).toEqual([USUAL_MS]);
    expect(afterMs).toBe(USUAL_MS + 50);
    expect(result).toMatchObject({ ok: true, value: { cache: 'miss', tokens: 5 } });
    expect(store.entries.size).toBe(1);
  });

  it('is waited for when the model has failed meanwhile', async () => {
    const { result, afterMs } = await vectorOf({ reading: HIT, readingMs: 100, modelFails: true });
    expect(afterMs).toBe(100);
    expect(result).toMatchObject({ ok: true, value: { vector: CACHED, cache: 'hit' } });
  });

  it.each([
    ['a vector would be of no use', { isWanted: false }],
    ['nobody knows yet what is usual', { seen: 19 }],
  ])('is waited for when %s', async (_, plan) => {
    const { calledAtMs } = await vectorOf({ reading: HIT, readingMs: 150, ...plan });
    expect(calledAtMs).toEqual([]);
  });

  it('tells nobody of the model that came first when the cache had answered before', async () => {
    const { embedding } = begin({ reading: HIT, readingMs: 50 });
    let isModelFirst = false;
    void embedding.modelFirst.then(() => {
      isModelFirst = true;
    });
    await vi.runAllTimersAsync();
    expect(isModelFirst).toBe(false);
    expect(embedding.inVain().tokens).toBeGreaterThan(0);
  });
});
