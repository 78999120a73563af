import { describe, expect, it, vi } from 'vitest';
import { aChunk, anUpstreamError, aQuestionEmbedder, aVectorStore, inSeconds } from '../../test/read-path-builders.ts';
import { aGenerator, says } from '../../test/support/a-generator.ts';
import { createAnsweringWorld as arrange } from '../../test/support/answering-world.ts';
import type { NamespaceState } from '../namespaces/namespace-state.ts';
import { fail, succeed } from '../result.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import type { Ask } from './ask.ts';
import type { QueryServices } from './query-services.ts';

const HOUR_MS = 3_600_000;

function eventsOf(services: QueryServices): TelemetryEvent[] {
  const events: TelemetryEvent[] = [];
  services.telemetry = { ...services.telemetry, emit: (event) => events.push(event) };
  return events;
}

describe('an identical question', () => {
  it('is answered with what its refresh has made before that is found in the cache', async () => {
    const { ask, later, settle, world, store } = arrange();
    await ask();
    await later(HOUR_MS);
    const { put } = store;
    const { promise: muchLater, resolve } = Promise.withResolvers<void>();
    store.put = (...written) => muchLater.then(() => put(...written));
    expect((await ask()).cache.response).toBe('stale');
    await vi.waitFor(() => expect(world.generations).toBe(2));
    for (let n = 0; n < 10; n++) expect((await ask()).cache.response).toBe('hit');
    expect(world.generations).toBe(2);
    resolve();
    await settle();
  });

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

  it('that happens while an answer is made from the old version has it made again', async () => {
    const { ask, later, world, services } = arrange();
    services.wait = async () => {
      world.version = 2;
      world.state = { ...world.state, content: 1, retired: [['guide.md', 1]] };
    };
    const events = eventsOf(services);
    const once = (await ask({ namespace: 'other', cache: 'no-store', generation: 'extractive' })).usage.costUsd;
    const answer = await ask({ cache: 'no-store' });
    expect(answer).toMatchObject({ answer: 'Answer 2 [1].' });
    // Both have to be paid for.
    expect(answer.usage).toMatchObject({ promptTokens: 200, completionTokens: 20 });
    expect(answer.usage.costUsd).toBeGreaterThan(2 * once);
    expect(events.filter(({ event }) => event === 'answer.unfinished')).toEqual([]);
    await later();
    expect(await ask()).toMatchObject({ cache: { response: 'miss' } });
  });

  it('that happens again and again while answers are made is said, and nothing that is gone is told', async () => {
    const { ask, world, services } = arrange();
    services.wait = async () => {
      const retired: NamespaceState['retired'] = [...world.state.retired, ['guide.md', world.version]];
      world.state = { ...world.state, content: world.state.content + 1, retired };
      world.version += 1;
    };
    const events = eventsOf(services);
    await expect(ask()).rejects.toThrow('CHANGED');
    expect(world.generations).toBe(2);
    expect(events.filter(({ event }) => event === 'answer.unfinished')).toEqual([
      expect.objectContaining({ reason: 'sources-changed', model: 'model', promptTokens: 200, completionTokens: 20 }),
    ]);
  });

  it('that happens while a new answer is made in vain ends the kept one too', async () => {
    const { ask, later, world, services } = arrange();
    await ask();
    await later(3 * HOUR_MS);
    world.modelFails = true;
    services.wait = async () => {
      world.version = 2;
      world.state = { ...world.state, content: 1, retired: [['guide.md', 1]] };
    };
    expect(await ask()).toMatchObject({ generation: 'extractive', cache: { response: 'miss' } });
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
  it('is an answer made from results found before nothing could be searched', async () => {
    const { ask, later, world, store } = arrange();
    await ask({ generation: 'extractive' });
    await later(50 * 60_000);
    store.entries.clear();
    world.searchFails = true;
    const made = await ask({ generation: 'extractive' });
    expect(made.degraded).toContainEqual({ step: 'search', reason: 'STALE' });
    await later();
    expect(store.entries.size).toBe(0);
  });

  it('is an answer that was cut at the most tokens it may have; who waits for it gets it', async () => {
    const { ask, later, store, services, clock } = arrange();
    services.wait = async (ms) => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    };
    services.generators = [
      aGenerator('model', async () => {
        await services.wait(1);
        return succeed({ tokens: ['The', ' limit [1]'], isCut: true });
      }),
    ];
    const both = await Promise.all([ask(), ask()]);
    const degraded = [{ step: 'generation', reason: 'TRUNCATED' }];
    expect(both).toMatchObject([
      { generation: 'model', degraded },
      { generation: 'model', degraded },
    ]);
    await later();
    expect(store.entries.size).toBe(0);
  });

  it('is what a model wrote without a word that may be shown', async () => {
    const { ask, later, store, services } = arrange();
    services.generators = [aGenerator('model', async () => says('[7]'))];
    expect(await ask()).toMatchObject({ generation: 'extractive', answer: 'The limit is one megabyte. [1]' });
    await later();
    expect(store.entries.size).toBe(0);
  });

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
  it('that never ends a write holds nobody up', async () => {
    const { ask, store } = arrange();
    store.put = () => new Promise(() => {});
    expect((await ask()).cache.response).toBe('miss');
  });

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
