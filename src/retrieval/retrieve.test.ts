import { describe, expect, it, vi } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import {
  aChunk,
  anUpstreamError,
  aQuestionEmbedder,
  aRace,
  aVectorStore,
  inSeconds,
} from '../../test/read-path-builders.ts';
import { createMemoryCacheStore } from '../../test/support/memory-cache-store.ts';
import { createSearchCache } from '../cache/search-cache.ts';
import { EMPTY_STATE, type NamespaceState } from '../namespaces/namespace-state.ts';
import { createLatencySamples } from '../resilience/latency-samples.ts';
import { fail, succeed } from '../result.ts';
import { searchResultsSchema } from './cached-results.ts';
import { type RetrievalServices, retrieve } from './retrieve.ts';
import type { RetrievalRequest } from './retrieved.ts';

const MINUTE_MS = 60_000;

const plain: RetrievalRequest = {
  namespace: 'docs',
  question: 'What is the limit?',
  topK: 5,
  extra: 0,
  mode: 'hybrid',
  cache: 'default',
  filter: null,
  maxPerDocument: null,
};

function arrange() {
  const clock = createManualClock();
  const world = { version: 1, state: { ...EMPTY_STATE } as NamespaceState, isDown: false, searches: 0, embeddings: 0 };
  const deferred: Promise<unknown>[] = [];
  const defer = (_: string, promise: Promise<unknown>) => void deferred.push(promise);
  const store = createMemoryCacheStore(clock);
  const readings = createLatencySamples();
  const namespaceStates = { current: async () => ({ kind: 'known', state: world.state, isConfirmed: true }) as const };
  const down = () => fail(anUpstreamError({ code: 'TIMEOUT' }));
  const found = () => ({ chunk: aChunk({ version: world.version, title: 'Über' }), score: 0.9 });
  const services: RetrievalServices = {
    ...aRace(clock),
    defer,
    embedder: aQuestionEmbedder(
      async () => {
        world.embeddings += 1;
        return succeed({ vectors: [new Float32Array(3)], tokens: 4, estimated: false });
      },
      { clock, store, defer, readings },
    ),
    vectorStores: [
      aVectorStore('vectorize', async () => {
        world.searches += 1;
        return world.isDown ? down() : succeed({ matches: [found()], isComplete: true });
      }),
    ],
    lexicalIndex: { search: async () => (world.isDown ? down() : succeed({ matches: [found()], rowsRead: 1 })) },
    liveness: { liveVersions: async () => succeed(new Map([['guide.md', world.version]])) },
    namespaceStates,
    reranker: null,
    results: createSearchCache({
      store,
      schema: searchResultsSchema,
      namespaceStates,
      clock,
      defer,
      readTimeoutMs: 150,
      writeTimeoutMs: 1_000,
    }),
    similar: null,
    searchedBy: ['m'],
  };
  async function search(changes: Partial<RetrievalRequest> = {}) {
    const result = await retrieve(services, { ...plain, ...changes }, inSeconds(5, clock));
    await Promise.all(deferred.splice(0));
    if (!result.ok) throw new Error(result.error.degraded.map(({ step }) => step).join());
    return result.value;
  }
  const keptResults = () => [...store.entries.keys()].filter((key) => key.includes(':search:')).length;
  return { clock, world, store, readings, services, search, keptResults };
}

describe('a search asked before', () => {
  it('is answered from the cache for a quarter of an hour, by one read, without a vector or an index', async () => {
    const { search, world, clock, store } = arrange();
    const first = await search();
    expect(first).toMatchObject({ searchCache: { outcome: 'miss' }, embeddingCache: 'miss' });
    store.reads = 0;
    clock.advance(15 * MINUTE_MS - 1);
    const second = await search();
    expect(second).toMatchObject({
      chunks: first.chunks,
      servedBy: 'vectorize',
      searchCache: { outcome: 'exact', similarity: null },
      embeddingCache: 'bypass',
      degraded: [],
      usage: { embeddingTokens: 0, vectorStores: [], rowsRead: 0 },
    });
    expect([store.reads, world.searches, world.embeddings]).toEqual([1, 1, 1]);
    clock.advance(1);
    expect((await search()).searchCache.outcome).toBe('miss');
  });

  it.each([
    ['namespace', { namespace: 'other' }],
    ['question', { question: 'what is the limit?' }],
    ['topK', { topK: 6 }],
    ['extra', { extra: 1 }],
    ['maxPerDocument', { maxPerDocument: 1 }],
    ['mode', { mode: 'vector' }],
    ['filter', { filter: { op: 'eq', key: 'lang', value: 'en' } }],
  ] as [string, Partial<RetrievalRequest>][])('is another one with another %s', async (_, changes) => {
    const { search } = arrange();
    await search();
    expect((await search(changes)).searchCache.outcome).toBe('miss');
  });

  it('is made anew when any document has changed', async () => {
    const { search, world } = arrange();
    await search();
    world.state = { ...world.state, content: 1 };
    expect((await search()).searchCache.outcome).toBe('miss');
    expect((await search()).searchCache.outcome).toBe('exact');
  });

  it('neither looks nor keeps with no-store, and only keeps with reload', async () => {
    const { search, keptResults } = arrange();
    expect((await search({ cache: 'no-store' })).searchCache.outcome).toBe('bypass');
    expect(keptResults()).toBe(0);
    expect((await search({ cache: 'reload' })).searchCache.outcome).toBe('bypass');
    expect((await search()).searchCache.outcome).toBe('exact');
  });
});

describe('when no index can be searched', () => {
  it('what was found within the hour is used, and what failed is said', async () => {
    const { search, world, clock } = arrange();
    await search();
    clock.advance(59 * MINUTE_MS);
    world.isDown = true;
    const rescued = await search();
    expect(rescued).toMatchObject({ servedBy: 'vectorize', searchCache: { outcome: 'exact' } });
    expect(rescued.degraded.map(({ step }) => step)).toEqual(['retrieval:vectorize', 'retrieval:lexical', 'search']);
    clock.advance(MINUTE_MS);
    await expect(search()).rejects.toThrow('retrieval:vectorize');
  });

  it('what was made from a document that has gone while the indexes took their time to fail is not', async () => {
    const { search, world, services } = arrange();
    await search();
    world.isDown = true;
    world.state = { ...world.state, content: 1, retired: [['other.md', 1]] };
    const { search: searchWords } = services.lexicalIndex;
    services.lexicalIndex = {
      search: (...asked) => {
        world.state = { ...world.state, content: 2, retired: [['guide.md', 1]] };
        return searchWords(...asked);
      },
    };
    await expect(search()).rejects.toThrow('retrieval:vectorize');
  });

  it('what was made from a document that is gone is not', async () => {
    const { search, world } = arrange();
    await search();
    world.isDown = true;
    world.state = { ...world.state, content: 1, retired: [['guide.md', 1]] };
    await expect(search()).rejects.toThrow('retrieval:vectorize');
  });
});

describe('a results cache', () => {
  it('that cannot be read is told apart from a miss, and costs nothing else', async () => {
    const { search, store, world } = arrange();
    await search();
    store.isDown = true;
    const found = await search();
    expect(found.searchCache.outcome).toBe('unavailable');
    expect(found.degraded).toContainEqual({ step: 'cache:search', reason: 'UNAVAILABLE' });
    expect(world.searches).toBe(2);
  });

  it('does not keep what was found while an index was missing', async () => {
    const { search, world, keptResults } = arrange();
    world.isDown = true;
    await expect(search()).rejects.toThrow();
    expect(keptResults()).toBe(0);
  });

  it('that holds something damaged replaces it', async () => {
    const { search, store } = arrange();
    await search();
    for (const [key] of store.entries) store.entries.set(key, { value: '{"v":1}', expiresAtMs: Number.MAX_VALUE });
    expect((await search()).searchCache.outcome).toBe('miss');
    expect((await search()).searchCache.outcome).toBe('exact');
  });
});

it('nobody waits for what is kept of a search', async () => {
  const { services, store, clock } = arrange();
  store.setMany = () => new Promise(() => {});
  expect((await retrieve(services, plain, inSeconds(5, clock))).ok).toBe(true);
});

describe('a cache slower than the model', () => {
  /** Searches again; the cache has said nothing yet when the model has. */
  async function searchBeforeCache({ clock, store, readings, services, world }: ReturnType<typeof arrange>) {
    for (let n = 0; n < 40; n++) readings.add(0, clock.nowMs());
    const { getMany } = store;
    const { promise, resolve: letCacheAnswer } = Promise.withResolvers<void>();
    store.getMany = (...read) => promise.then(() => getMany(...read));
    const searching = retrieve(services, plain, inSeconds(5, clock)).then((found) => (found.ok ? found.value : null));
    await vi.waitFor(() => expect(world.embeddings).toBe(2));
    return { searching, letCacheAnswer };
  }

  it('is not waited for, and not written to', async () => {
    const parts = arrange();
    await parts.search();
    const found = await (await searchBeforeCache(parts)).searching;
    expect(found).toMatchObject({
      searchCache: { outcome: 'unavailable' },
      embeddingCache: 'unavailable',
      servedBy: 'vectorize',
      usage: { cacheCommands: 0 },
    });
    expect(found?.degraded.map(({ step }) => step)).toEqual(['cache:search', 'cache:embedding']);
  });

  it('that has answered before the search is over is a miss like any other, and no fault', async () => {
    const parts = arrange();
    const { services, keptResults, clock, store, readings } = parts;
    for (let n = 0; n < 40; n++) readings.add(0, clock.nowMs());
    const { getMany } = store;
    const { promise, resolve } = Promise.withResolvers<void>();
    store.getMany = (...read) => promise.then(() => getMany(...read));
    const [first] = services.vectorStores;
    if (first === undefined) throw new Error('there is no store');
    services.vectorStores = [
      aVectorStore('vectorize', async (...query) => {
        resolve();
        await new Promise((done) => setImmediate(done));
        return first.query(...query);
      }),
    ];
    const found = await parts.search();
    expect(found).toMatchObject({ searchCache: { outcome: 'miss' }, embeddingCache: 'miss', degraded: [] });
    // The state of the namespace may have become known only after the search had begun.
    expect(keptResults()).toBe(0);
  });

  it('is waited for when no index can be searched', async () => {
    const parts = arrange();
    await parts.search();
    parts.world.isDown = true;
    const { searching, letCacheAnswer } = await searchBeforeCache(parts);
    letCacheAnswer();
    expect(await searching).toMatchObject({ searchCache: { outcome: 'exact' }, servedBy: 'vectorize' });
  });
});
