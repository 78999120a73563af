import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import {
  aChunk,
  anUpstreamError,
  aQuestionEmbedder,
  aRace,
  aResultsCache,
  aVectorStore,
  inSeconds,
} from '../../test/read-path-builders.ts';
import { createMemoryAnswerStore } from '../../test/support/memory-answer-store.ts';
import { createFlightMemory, createFlights } from '../cache/flights.ts';
import { EMPTY_STATE, type NamespaceState } from '../namespaces/namespace-state.ts';
import type { StateReading } from '../namespaces/namespace-states.ts';
import { fail, succeed } from '../result.ts';
import { type Answer, answerSchema } from './answer.ts';
import { createAnswerCache } from './answer-cache.ts';
import { answerQuestion } from './answer-question.ts';
import type { Ask } from './ask.ts';
import type { QueryServices } from './query-services.ts';

const HOUR_MS = 3_600_000;

const plain: Ask = {
  namespace: 'docs',
  question: 'What is the limit?',
  topK: 5,
  cache: 'default',
  retrieval: 'lexical',
  generation: 'auto',
  filter: null,
  maxPerDocument: null,
};

/** A read path whose documents, model and caches a test changes as it goes. */
function arrange() {
  const clock = createManualClock();
  const world = {
    version: 1,
    state: { ...EMPTY_STATE } as NamespaceState,
    isStateKnown: true,
    searchFails: false,
    findsNothing: false,
    modelFails: false,
    generationMs: 0,
    generations: 0,
  };
  const store = createMemoryAnswerStore(clock);
  const deferred: Promise<unknown>[] = [];
  let ids = 0;
  const reading = (): StateReading =>
    world.isStateKnown ? { kind: 'known', state: world.state } : { kind: 'unknown', last: null };
  const namespaceStates = { current: async () => reading() };
  const defer = (_: string, promise: Promise<unknown>) => void deferred.push(promise);
  const services: QueryServices = {
    ...aRace(clock),
    defer,
    newId: () => `answer-${++ids}`,
    requestTimeoutMs: 12_000,
    embedder: aQuestionEmbedder(() => Promise.reject(new Error('words are enough'))),
    results: aResultsCache(clock, namespaceStates),
    similar: null,
    searchedBy: [],
    vectorStores: [],
    lexicalIndex: {
      async search() {
        if (world.searchFails) return fail(anUpstreamError({ dependency: 'lexical' }));
        if (world.findsNothing) return succeed({ matches: [], rowsRead: 1 });
        return succeed({ matches: [{ chunk: aChunk({ version: world.version }), score: 1 }], rowsRead: 1 });
      },
    },
    liveness: { liveVersions: async () => succeed(new Map([['guide.md', world.version]])) },
    namespaceStates,
    reranker: null,
    generators: [
      {
        name: 'model',
        async generate() {
          world.generations += 1;
          const n = world.generations;
          await services.wait(world.generationMs);
          if (world.modelFails) return fail(anUpstreamError({ dependency: 'workers-ai', code: '3040' }));
          return succeed({ text: `Answer ${n} [1].`, promptTokens: 100, completionTokens: 10, estimated: false });
        },
      },
    ],
    contextTokens: 1_000,
    answerTokens: 100,
    answers: createAnswerCache({
      ...{ store, namespaceStates, clock, defer, madeBy: ['m'] },
      decoded: new Map(),
      writeTimeoutMs: 1_000,
    }),
    flights: createFlights({ memory: createFlightMemory(), clock, turnMs: 6_000 }),
    wait: async () => {},
  };
  const settle = async () => {
    while (deferred.length > 0) await Promise.all(deferred.splice(0));
  };
  async function ask(changes: Partial<Ask> = {}): Promise<Answer> {
    const answered = await answerQuestion(services, { ...plain, ...changes }, 'request');
    if (!answered.ok) throw new Error(`not answered: ${JSON.stringify(answered.error.degraded)}`);
    return answerSchema.parse(answered.value);
  }
  /** A minute later nothing is shared between requests of the moment any more. */
  const later = async (ms = 60_000) => {
    await settle();
    clock.advance(ms);
  };
  return { clock, world, store, services, ask, settle, later };
}

describe('an identical question', () => {
  it('is answered from the cache for an hour, with an id, costs and timings of its own', async () => {
    const { ask, later, world } = arrange();
    const first = await ask();
    expect(first.cache.response).toBe('miss');
    await later();
    const second = await ask({ question: ' WHAT  is the limit? ' });
    expect(second).toMatchObject({
      answer: first.answer,
      citations: first.citations,
      passages: first.passages,
      servedBy: first.servedBy,
      cache: { response: 'hit', embedding: 'bypass', search: 'bypass' },
      degraded: [],
      usage: { promptTokens: 0, completionTokens: 0 },
      timings: { generationMs: null, retrievalMs: 0 },
    });
    expect(second.id).not.toBe(first.id);
    expect(second.usage.costUsd).toBe(8e-7);
    expect(second.usage.savedUsd).toBeCloseTo(first.usage.costUsd - 8e-7, 10);
    expect(world.generations).toBe(1);
  });

  it.each([
    ['topK', { topK: 6 }],
    ['filter', { filter: { op: 'eq', key: 'lang', value: 'en' } }],
    ['namespace', { namespace: 'other' }],
    ['maxPerDocument', { maxPerDocument: 1 }],
    ['generation', { generation: 'extractive' }],
    ['words', { question: 'What is the limit!' }],
  ] as [string, Partial<Ask>][])('is another one with another %s', async (_, changes) => {
    const { ask, later } = arrange();
    await ask();
    await later();
    expect((await ask(changes)).cache.response).toBe('miss');
  });

  it('gets the stale answer after an hour, while one new answer is made', async () => {
    const { ask, later, settle, world, services } = arrange();
    const first = await ask();
    await later(HOUR_MS);
    const model = Promise.withResolvers<void>();
    services.wait = () => model.promise;
    const stale = await Promise.all([ask(), ask(), ask()]);
    for (const { cache, answer } of stale) {
      expect([cache.response, answer]).toEqual(['stale', first.answer]);
    }
    model.resolve();
    await settle();
    expect(world.generations).toBe(2);
    expect(await ask()).toMatchObject({ cache: { response: 'hit' }, answer: 'Answer 2 [1].' });
  });

  it('gets it for a day more only when no new answer can be made, and is told what failed', async () => {
    const { ask, later, world } = arrange();
    const first = await ask();
    await later(2 * HOUR_MS);
    world.searchFails = true;
    const rescued = await ask();
    expect(rescued).toMatchObject({ answer: first.answer, cache: { response: 'stale' } });
    expect(rescued.degraded.map(({ step }) => step)).toEqual(['retrieval:lexical']);
    world.searchFails = false;
    world.modelFails = true;
    await later(1_000);
    expect(await ask()).toMatchObject({ answer: first.answer, generation: 'model', cache: { response: 'stale' } });
    world.modelFails = false;
    await later(1_000);
    expect((await ask()).cache.response).toBe('miss');
  });

  it('gets it rather than a refusal made while something was down', async () => {
    const { ask, later, world, services } = arrange();
    services.embedder = aQuestionEmbedder(async () =>
      succeed({ tokens: 4, estimated: false, vectors: [new Float32Array(3)] }),
    );
    let isDown = false;
    const found = { matches: [{ chunk: aChunk(), score: 1 }], isComplete: true };
    services.vectorStores = [
      aVectorStore('vectorize', async () => (isDown ? fail(anUpstreamError()) : succeed(found))),
    ];
    const first = await ask({ retrieval: 'hybrid' });
    await later(3 * HOUR_MS);
    isDown = true;
    world.findsNothing = true;
    const rescued = await ask({ retrieval: 'hybrid' });
    expect(rescued).toMatchObject({ answer: first.answer, refused: false, cache: { response: 'stale' } });
    expect(rescued.degraded.map(({ step }) => step)).toEqual(['retrieval:vectorize']);
  });

  it('gets it with a warning when nobody can say whether its documents are still there', async () => {
    const { ask, later, world } = arrange();
    await ask();
    await later();
    Object.assign(world, { isStateKnown: false, searchFails: true });
    expect((await ask()).degraded).toContainEqual({ step: 'liveness', reason: 'UNAVAILABLE' });
  });

  it('fails when nothing can be searched and nothing is kept, or what is kept is more than 26 hours old', async () => {
    const { ask, later, world } = arrange();
    await ask();
    await later(26 * HOUR_MS);
    world.searchFails = true;
    await expect(ask()).rejects.toThrow('retrieval:lexical');
  });
});

describe('a change of the documents', () => {
  it('ends every answer made from the version before at once', async () => {
    const { ask, later, world } = arrange();
    await ask();
    await later();
    world.version = 2;
    world.state = { ...world.state, content: 1, retired: [['guide.md', 1]] };
    world.searchFails = true;
    await expect(ask()).rejects.toThrow();
    world.searchFails = false;
    await later(1_000);
    expect(await ask()).toMatchObject({ cache: { response: 'miss' }, answer: 'Answer 2 [1].' });
  });

  it('leaves answers made from others to be used once more', async () => {
    const { ask, later, settle, world } = arrange();
    await ask();
    await later();
    world.state = { ...world.state, content: 1, retired: [['other.md', 1]] };
    expect((await ask()).cache.response).toBe('stale');
    await settle();
    expect((await ask()).cache.response).toBe('hit');
    expect(world.generations).toBe(2);
  });

  it('that happens while an answer is made from the old version keeps it from being used', async () => {
    const { ask, later, world, services } = arrange();
    services.wait = async () => {
      world.state = { ...world.state, content: 1, retired: [['guide.md', 1]] };
    };
    await ask();
    await later();
    expect((await ask()).cache.response).toBe('miss');
  });

  it('cannot be missed by a purge', async () => {
    const { ask, later, world } = arrange();
    await ask();
    await later();
    world.state = { ...world.state, purge: 1 };
    expect((await ask()).cache.response).toBe('miss');
  });
});

describe('what is not kept', () => {
  it.each([
    ['an extractive answer that no model was there for', { modelFails: true }],
    ['anything whose namespace nobody could tell the state of', { isStateKnown: false }],
  ])('is %s', async (_, change) => {
    const { ask, later, world, store } = arrange();
    Object.assign(world, change);
    await ask();
    await later();
    expect(store.entries.size).toBe(0);
  });

  it('is what was asked with no-store, which also does not look', async () => {
    const { ask, later, store } = arrange();
    expect((await ask({ cache: 'no-store' })).cache.response).toBe('bypass');
    await later();
    expect([store.entries.size, store.reads]).toEqual([0, 0]);
    await ask();
    await later();
    expect((await ask({ cache: 'no-store' })).cache.response).toBe('bypass');
  });

  it('is looked for by reload neither, which replaces it, however young it is', async () => {
    const { ask, later } = arrange();
    await ask();
    expect(await ask({ cache: 'reload' })).toMatchObject({ cache: { response: 'bypass' }, answer: 'Answer 2 [1].' });
    await later();
    expect(await ask()).toMatchObject({ cache: { response: 'hit' }, answer: 'Answer 2 [1].' });
  });
});

describe('a cache', () => {
  it('that fails is a miss, told apart from a real one', async () => {
    const { ask, later, store } = arrange();
    await ask();
    await later();
    store.isDown = true;
    expect(await ask()).toMatchObject({
      cache: { response: 'unavailable' },
      degraded: [{ step: 'cache:response', reason: 'UNAVAILABLE' }],
      answer: 'Answer 2 [1].',
    });
  });

  it('that holds something damaged, or of another version, is a miss that replaces it', async () => {
    const { ask, later, store, clock } = arrange();
    await ask();
    await later();
    const [key = '', entry] = [...store.entries][0] ?? [];
    for (const damaged of ['{', '{"v":0}', entry?.value.replace('"v":1', '"v":9') ?? '']) {
      await store.put(key, damaged, 60, inSeconds(1, clock));
      expect((await ask()).cache.response).toBe('miss');
      await later();
      expect((await ask()).cache.response).toBe('hit');
      await later();
    }
  });
});

describe('200 identical questions at once', () => {
  function crowd(world: ReturnType<typeof arrange>) {
    const { clock, services } = world;
    // Time passes when everybody waits: each round of waiting is as long as one look. Keys are hashed in other threads;
    // a round that takes its turn there cannot overtake them, however busy the machine is.
    services.wait = async (ms) => {
      await crypto.subtle.digest('SHA-256', new Uint8Array(1));
      clock.advance(ms / 200);
    };
    return Promise.allSettled(Array.from({ length: 200 }, () => world.ask()));
  }

  it('cause one generation, and every one is answered', async () => {
    const arranged = arrange();
    arranged.world.generationMs = 400;
    const answers = await crowd(arranged);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(200);
    expect(arranged.world.generations).toBe(1);
  });

  it('cause one attempt at a model that fails, and every one gets an extractive answer that says so', async () => {
    const arranged = arrange();
    Object.assign(arranged.world, { modelFails: true, generationMs: 400 });
    const answers = await crowd(arranged);
    for (const answer of answers) {
      if (answer.status === 'rejected') throw answer.reason;
      expect(answer.value.generation).toBe('extractive');
      expect(answer.value.degraded).toEqual([{ step: 'generation:model', reason: '3040' }]);
    }
    expect(arranged.world.generations).toBe(1);
  });

  it('are all told at once when nothing can be searched', async () => {
    const arranged = arrange();
    arranged.world.searchFails = true;
    const startedAtMs = arranged.clock.nowMs();
    const answers = await crowd(arranged);
    expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
    expect(arranged.clock.nowMs() - startedAtMs).toBeLessThan(1_000);
  });
});
