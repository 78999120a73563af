import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createManualClock } from '../local/manual-clock.ts';
import { createFlightMemory, createFlights } from '../src/cache/flights.ts';
import { createSearchCache } from '../src/cache/search-cache.ts';
import { createTieredAnswerStore } from '../src/cache/tiered-answer-store.ts';
import type { NamespaceStateRecords } from '../src/catalog/namespace-state-records.ts';
import { EMPTY_STATE, type NamespaceState } from '../src/namespaces/namespace-state.ts';
import { createNamespaceStates } from '../src/namespaces/namespace-states.ts';
import { createAnswerCache, remainingTtlSeconds } from '../src/query/answer-cache.ts';
import { answerQuestion } from '../src/query/answer-question.ts';
import type { Ask } from '../src/query/ask.ts';
import type { QueryFailure } from '../src/query/query-failure.ts';
import type { QueryServices } from '../src/query/query-services.ts';
import { searchPassages } from '../src/query/search-passages.ts';
import { fail, succeed } from '../src/result.ts';
import { searchResultsSchema } from '../src/retrieval/cached-results.ts';
import { aChunk, anUpstreamError, aQuestionEmbedder, aRace, aRewritingCache, inSeconds } from './read-path-builders.ts';
import { aGenerator, says } from './support/a-generator.ts';
import { unheard } from './support/listeners.ts';
import { createMemoryAnswerStore } from './support/memory-answer-store.ts';
import { createMemoryCacheStore } from './support/memory-cache-store.ts';

const NAMESPACES = ['ada', 'ben'] as const;
type Namespace = (typeof NAMESPACES)[number];
const DOCUMENTS = ['one', 'two', 'three'];

interface Retired {
  text: string;
  atMs: number;
  isPublished: boolean;
}

/** Two namespaces, a catalog that is right or down, caches that all share, and isolates with memories of their own. */
function createWorld() {
  const clock = createManualClock();
  const live = { ada: new Map<string, number>(), ben: new Map<string, number>() };
  const states = { ada: { ...EMPTY_STATE }, ben: { ...EMPTY_STATE } } as Record<Namespace, NamespaceState>;
  const retired: Retired[] = [];
  const redis = createMemoryCacheStore(clock);
  const kv = createMemoryAnswerStore(clock);
  const deferred: Promise<unknown>[] = [];
  const defer = (_: string, promise: Promise<unknown>) => void deferred.push(promise);
  let versions = 0;
  const textOf = (namespace: string, id: string, version: number) => `${namespace}/${id}/v${version}.`;

  const catalog = { isDown: false };
  const down = () => fail(anUpstreamError({ dependency: 'catalog' }));
  /** What happens while the next model is at work, which is once. */
  let meanwhile: (() => Promise<void>) | null = null;

  const records: NamespaceStateRecords = {
    read: async (namespace) => (catalog.isDown ? down() : succeed(states[namespace as Namespace])),
    purge: () => Promise.reject(new Error('purged by the test itself')),
  };

  function createIsolate(): QueryServices {
    const timeouts = { readTimeoutMs: 150, writeTimeoutMs: 1_000 };
    const decoded = new Map();
    const namespaceStates = createNamespaceStates({
      known: new Map(),
      cache: redis,
      orders: { readWith: () => null },
      records,
      patientRecords: records,
      clock,
      defer,
      ...{ refreshMs: 2_000, trustMs: 5_000, cacheTimeoutMs: 150, recordsTimeoutMs: 300 },
    });
    return {
      ...aRace(clock),
      defer,
      newId: () => 'id',
      requestTimeoutMs: 12_000,
      streamTimeoutMs: 60_000,
      embedder: aQuestionEmbedder(() => Promise.reject(new Error('words are enough'))),
      vectorStores: [],
      lexicalIndex: {
        async search({ namespace }) {
          const chunks = [...live[namespace as Namespace]].map(([documentId, version]) =>
            aChunk({
              chunkId: `${namespace}-${documentId}-${version}`,
              namespace,
              documentId,
              version,
              text: textOf(namespace, documentId, version),
            }),
          );
          return succeed({ matches: chunks.map((chunk) => ({ chunk, score: 1 })), rowsRead: 1 });
        },
      },
      liveness: {
        liveVersions: async (namespace) => (catalog.isDown ? down() : succeed(new Map(live[namespace as Namespace]))),
      },
      namespaceStates,
      reranker: null,
      generators: [
        aGenerator('model', async (messages) => {
          const happening = meanwhile;
          meanwhile = null;
          await happening?.();
          const text =
            messages
              .at(-1)
              ?.content.match(/\w+\/\w+\/v\d+\./g)
              ?.join(' ') ?? 'nothing';
          return says(`${text} [1]`);
        }),
      ],
      generationBudget: null,
      claims: null,
      relevance: null,
      contextTokens: 1_000,
      answerTokens: 100,
      answers: createAnswerCache({
        store: createTieredAnswerStore({
          near: createMemoryAnswerStore(clock),
          far: kv,
          clock,
          defer,
          writeTimeoutMs: 1_000,
          ttlSecondsOf: (value) => remainingTtlSeconds(value, clock.nowMs()),
        }),
        ...{ namespaceStates, clock, defer, madeBy: [] },
        decoded,
        writeTimeoutMs: 1_000,
      }),
      flights: createFlights({ memory: createFlightMemory<QueryFailure | null>(), clock, turnMs: 6_000 }),
      results: createSearchCache({
        store: redis,
        schema: searchResultsSchema,
        namespaceStates,
        clock,
        defer,
        ...timeouts,
      }),
      rewritings: aRewritingCache(clock),
      similar: null,
      searchedBy: [],
      wait: () => new Promise((resolve) => setImmediate(resolve)),
    };
  }

  const isolates = [createIsolate(), createIsolate(), createIsolate()];
  const settle = async () => {
    while (deferred.length > 0) await Promise.all(deferred.splice(0));
  };

  async function move(namespace: Namespace, id: string, version: number | null, isPublished: boolean) {
    const before = live[namespace].get(id);
    // Nothing is accepted that cannot be recorded.
    if (catalog.isDown || (before === undefined && version === null)) return;
    const state = states[namespace];
    const list: NamespaceState['retired'] = before === undefined ? [] : [[id, before]];
    states[namespace] = { ...state, content: state.content + 1, retired: [...state.retired, ...list] };
    if (version === null) live[namespace].delete(id);
    else live[namespace].set(id, version);
    const wasPublished = isPublished && !redis.isDown;
    if (before !== undefined) {
      retired.push({ text: textOf(namespace, id, before), atMs: clock.nowMs(), isPublished: wasPublished });
    }
    if (isPublished) await publish(namespace);
  }

  async function publish(namespace: Namespace) {
    // Whoever writes is none of the isolates that answer.
    const writer = createIsolate();
    const states = writer.namespaceStates as ReturnType<typeof createNamespaceStates>;
    await states.publish(namespace, inSeconds(1, clock));
  }

  return {
    clock,
    redis,
    catalog,
    duringNextGeneration: (happening: () => Promise<void>) => {
      meanwhile = happening;
    },
    isolates,
    settle,
    retired,
    put: (namespace: Namespace, id: string, isPublished: boolean) => move(namespace, id, ++versions, isPublished),
    remove: (namespace: Namespace, id: string, isPublished: boolean) => move(namespace, id, null, isPublished),
    async purge(namespace: Namespace) {
      if (catalog.isDown) return;
      states[namespace] = { ...states[namespace], purge: states[namespace].purge + 1 };
      await publish(namespace);
    },
  };
}

const namespace = fc.constantFrom(...NAMESPACES);
const document = fc.constantFrom(...DOCUMENTS);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('put' as const), namespace, document, isPublished: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), namespace, document, isPublished: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge' as const), namespace }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('redis' as const), isDown: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('catalog' as const), isDown: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('slow-model' as const),
      ms: fc.constantFrom(1_000, 6_000, 9_000),
      namespace,
      document,
      isDeleted: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(100, 1_000, 2_500, 6_000, 16_000, 3_700_000),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      namespace,
      isolate: fc.nat({ max: 2 }),
      question: fc.constantFrom('Why?', 'How?'),
      isSearch: fc.boolean(),
      askers: fc.constantFrom(1, 1, 1, 4),
    }),
  },
);

const plain: Ask = {
  namespace: '',
  question: '',
  history: [],
  topK: 8,
  cache: 'default',
  retrieval: 'lexical',
  generation: 'auto',
  filter: null,
  maxPerDocument: null,
};

it('no answer ever holds another namespace’s text, nor that of a document changed or deleted too long ago', {
  timeout: 120_000,
}, async () => {
  const served: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      const world = createWorld();
      for (const one of steps) {
        if (one.kind === 'pass') world.clock.advance(one.ms);
        if (one.kind === 'redis') world.redis.isDown = one.isDown;
        if (one.kind === 'catalog') world.catalog.isDown = one.isDown;
        if (one.kind === 'slow-model') {
          world.duringNextGeneration(async () => {
            await (one.isDeleted ? world.remove : world.put)(one.namespace, one.document, true);
            world.clock.advance(one.ms);
          });
        }
        if (one.kind === 'purge') await world.purge(one.namespace);
        if (one.kind === 'put') await world.put(one.namespace, one.document, one.isPublished);
        if (one.kind === 'delete') await world.remove(one.namespace, one.document, one.isPublished);
        if (one.kind !== 'ask') continue;
        const services = world.isolates[one.isolate];
        if (services === undefined) throw new Error('no such isolate');
        const ask = { ...plain, namespace: one.namespace, question: one.question };
        const asking = async () => {
          const answered = await (one.isSearch ? searchPassages : answerQuestion)(services, ask, 'request', unheard());
          return { answered, toldAtMs: world.clock.nowMs() };
        };
        const all = await Promise.all(Array.from({ length: one.askers }, asking));
        await world.settle();
        for (const { answered, toldAtMs } of all) {
          if (!answered.ok) throw new Error('nothing was down that answers need');
          served[answered.value.cache.response] = (served[answered.value.cache.response] ?? 0) + 1;
          served[answered.value.cache.search] = (served[answered.value.cache.search] ?? 0) + 1;
          const text = JSON.stringify(answered.value);
          const other = NAMESPACES.find((name) => name !== one.namespace);
          expect(text).not.toContain(`${other}/`);
          // What only a catalog knows that is down, or nobody can tell at all, an answer may hold that says so.
          const isUnsure = answered.value.degraded.some(({ step }) => step === 'liveness');
          const isAllDown = world.redis.isDown && world.catalog.isDown;
          for (const { text: gone, atMs, isPublished } of world.retired) {
            if (isUnsure && (isAllDown || !isPublished)) continue;
            const boundMs = isPublished ? 5_000 : 15_000;
            if (toldAtMs - atMs >= boundMs) expect(text).not.toContain(gone);
          }
        }
      }
    }),
    { numRuns: process.env.VIGIL_TEST_FULL === '1' ? 5_000 : 1_000 },
  );
  // The caches were really in play.
  for (const outcome of ['hit', 'stale', 'miss', 'exact', 'unavailable']) expect(served[outcome]).toBeGreaterThan(20);
});
