import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { createManualClock } from '../../local/manual-clock.ts';
import { aChunk, aQuestionEmbedder, aRace, aVectorStore, inSeconds } from '../../test/read-path-builders.ts';
import { createMemoryCacheStore } from '../../test/support/memory-cache-store.ts';
import { createMemoryFieldStore } from '../../test/support/memory-field-store.ts';
import { createSearchCache } from '../cache/search-cache.ts';
import { createRandomProjection } from '../cache/similar-questions/random-projection.ts';
import { createSimilarResults } from '../cache/similar-results.ts';
import { EMPTY_STATE, type NamespaceState } from '../namespaces/namespace-state.ts';
import { succeed } from '../result.ts';
import { searchResultsSchema } from './cached-results.ts';
import { type RetrievalServices, retrieve } from './retrieve.ts';
import type { RetrievalRequest } from './retrieved.ts';

const MINUTE_MS = 60_000;
const DIMENSIONS = 384;
const THRESHOLD = 0.9;

const FIRST = 'How do I limit the size of a request body?';
const SAME = 'How can I limit the size of the request body?';

/** A unit vector, and one at a given cosine to it. */
function vectors(cosine: number): [Float32Array, Float32Array] {
  const random = createSeededRandom(7, 'similar');
  const draw = () => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);
  const unit = (vector: Float32Array) => {
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
  const first = unit(draw());
  const drawn = draw();
  const along = drawn.reduce((sum, value, at) => sum + value * (first[at] ?? 0), 0);
  const across = unit(drawn.map((value, at) => value - along * (first[at] ?? 0)));
  const sine = Math.sqrt(1 - cosine ** 2);
  return [first, first.map((value, at) => cosine * value + sine * (across[at] ?? 0))];
}

function arrange(cosine = 0.97) {
  const clock = createManualClock();
  const [first, second] = vectors(cosine);
  const world = { state: { ...EMPTY_STATE } as NamespaceState, searches: 0 };
  const deferred: Promise<unknown>[] = [];
  const defer = (_: string, promise: Promise<unknown>) => void deferred.push(promise);
  const store = createMemoryCacheStore(clock);
  const fields = createMemoryFieldStore();
  const namespaceStates = { current: async () => ({ kind: 'known', state: world.state, isConfirmed: true }) as const };
  const timeouts = { readTimeoutMs: 150, writeTimeoutMs: 1_000 };
  const projection = createRandomProjection(DIMENSIONS);
  const services: RetrievalServices = {
    ...aRace(clock),
    defer,
    embedder: aQuestionEmbedder(
      async (text) => succeed({ vectors: [text === FIRST ? first : second], tokens: 9, estimated: false }),
      { clock, store, defer },
    ),
    vectorStores: [
      aVectorStore('vectorize', async () => {
        world.searches += 1;
        return succeed({ matches: [{ chunk: aChunk(), score: 0.9 }], isComplete: true });
      }),
    ],
    lexicalIndex: { search: async () => succeed({ matches: [], rowsRead: 1 }) },
    liveness: { liveVersions: async () => succeed(new Map([['guide.md', 1]])) },
    namespaceStates,
    reranker: null,
    results: createSearchCache({ store, schema: searchResultsSchema, namespaceStates, clock, defer, ...timeouts }),
    similar: {
      threshold: THRESHOLD,
      results: createSimilarResults({ fields, store, projection, clock, defer, ...timeouts }),
    },
    searchedBy: ['m'],
  };
  async function search(question: string, changes: Partial<RetrievalRequest> = {}) {
    const request: RetrievalRequest = {
      namespace: 'docs',
      question,
      topK: 5,
      extra: 0,
      mode: 'hybrid',
      cache: 'default',
      filter: null,
      maxPerDocument: null,
      ...changes,
    };
    const result = await retrieve(services, request, inSeconds(5, clock));
    await Promise.all(deferred.splice(0));
    if (!result.ok) throw new Error('not found');
    return result.value;
  }
  return { clock, world, store, fields, services, search };
}

describe('a question like one asked before', () => {
  it('gets its results, and is told how alike they are', async () => {
    const { search, world } = arrange();
    const first = await search(FIRST);
    expect(first.searchCache.outcome).toBe('miss');
    const second = await search(SAME);
    expect(second).toMatchObject({
      chunks: first.chunks,
      servedBy: 'vectorize',
      searchCache: { outcome: 'similar' },
      embeddingCache: 'miss',
      usage: { embeddingTokens: 9, vectorStores: [] },
    });
    expect(second.searchCache.similarity).toBeCloseTo(0.97, 4);
    expect(world.searches).toBe(1);
  });

  it('costs at most five commands of Redis beside its vector when it is like none', async () => {
    const { search } = arrange();
    // MGET, HMGET, SET, HSET.
    expect((await search(FIRST)).usage.cacheCommands).toBe(4);
  });

  it('is searched for when its vector is not close enough', async () => {
    const { search } = arrange(0.89);
    await search(FIRST);
    expect((await search(SAME)).searchCache.outcome).toBe('miss');
  });

  it.each([
    ['a negation', 'How do I not limit the size of a request body?'],
    ['another thing', 'How do I limit the size of a response body?'],
    ['a number', 'How do I limit the size of a request body to 5 MB?'],
  ])('is searched for when it differs by %s, whatever the vectors say', async (_, question) => {
    const { search } = arrange(0.999);
    await search(FIRST);
    expect((await search(question)).searchCache.outcome).toBe('miss');
  });

  it.each([
    ['namespace', { namespace: 'other' }],
    ['topK', { topK: 6 }],
    ['extra', { extra: 1 }],
    ['filter', { filter: { op: 'eq', key: 'lang', value: 'en' } }],
    ['mode', { mode: 'vector' }],
    ['maxPerDocument', { maxPerDocument: 1 }],
  ] as [string, Partial<RetrievalRequest>][])('is searched for with another %s', async (_, changes) => {
    const { search } = arrange();
    await search(FIRST);
    expect((await search(SAME, changes)).searchCache.outcome).toBe('miss');
  });

  it('is searched for when any document has changed, or the results are a quarter of an hour old', async () => {
    const { search, world, clock } = arrange();
    await search(FIRST);
    world.state = { ...world.state, content: 1 };
    expect((await search(SAME)).searchCache.outcome).toBe('miss');
    clock.advance(15 * MINUTE_MS);
    expect((await search(FIRST)).searchCache.outcome).toBe('miss');
  });
});

describe('looking for similar questions', () => {
  it('is off for a model that is not calibrated, and with no-store', async () => {
    const { search, services, fields } = arrange();
    await search(FIRST, { cache: 'no-store' });
    services.similar = null;
    await search(FIRST);
    expect((await search(SAME)).searchCache.outcome).toBe('miss');
    expect(fields.hashes.size).toBe(0);
  });

  it('that cannot be asked is told apart from a miss, and written to no more', async () => {
    const { search, fields } = arrange();
    await search(FIRST);
    fields.isDown = true;
    const found = await search(SAME);
    expect(found.searchCache.outcome).toBe('unavailable');
    expect(found.degraded).toEqual([{ step: 'cache:search', reason: 'UNAVAILABLE' }]);
    fields.isDown = false;
    expect((await search(SAME)).searchCache.outcome).toBe('similar');
  });

  it('survives damaged fields, and begins the time of a key once', async () => {
    const { search, fields } = arrange();
    await search(FIRST);
    for (const hash of fields.hashes.values()) for (const name of hash.keys()) hash.set(name, '[[1]]');
    expect((await search(SAME)).searchCache.outcome).toBe('miss');
    expect((await search(FIRST, { topK: 5, cache: 'default' })).searchCache.outcome).toBe('exact');
    expect(fields.ttls).toEqual([75 * 60, null]);
  });
});
