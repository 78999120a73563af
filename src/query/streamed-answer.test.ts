import { describe, expect, it } from 'vitest';
import { anUpstreamError } from '../../test/read-path-builders.ts';
import { aGenerator, type FakeAnswer } from '../../test/support/a-generator.ts';
import { createAnsweringWorld } from '../../test/support/answering-world.ts';
import { aListener, unheard } from '../../test/support/listeners.ts';
import { fail, succeed } from '../result.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';

const TEXT: FakeAnswer = { tokens: ['One ', 'megabyte', ' [1', ']. ', 'No more.'] };
/** The same, as far as it came. */
const BROKEN: FakeAnswer = { tokens: TEXT.tokens.slice(0, 3), breaksOff: anUpstreamError({ code: 'INTERRUPTED' }) };

function arrange(script: FakeAnswer | FakeAnswer[] = TEXT) {
  const world = createAnsweringWorld();
  const events: TelemetryEvent[] = [];
  world.services.telemetry = { ...world.services.telemetry, emit: (event) => events.push(event) };
  const generators = [script].flat().map((one, n) => aGenerator(`model-${n + 1}`, async () => succeed(one)));
  world.services.generators = generators;
  return { ...world, events, generators };
}

describe('an answer that is heard while it is made', () => {
  it('tells its sources before the model is asked, then the text with each citation after its number', async () => {
    const { ask, services } = arrange();
    const listener = aListener();
    let heardBefore: string[] = [];
    services.generators = [
      aGenerator('model', async () => {
        heardBefore = listener.heard.map(({ kind }) => kind);
        return succeed(TEXT);
      }),
    ];
    const answer = await ask({}, listener);
    expect(heardBefore).toEqual(['sources']);
    expect(listener.heard[0]).toMatchObject({ passages: answer.passages, rewrittenQuestion: null });
    expect(listener.text()).toBe(answer.answer);
    const citation = listener.heard.findIndex(({ kind }) => kind === 'citation');
    expect(listener.heard[citation]).toMatchObject({ citation: answer.citations[0] });
    const before = listener.heard.slice(0, citation);
    expect(before.flatMap((one) => (one.kind === 'delta' ? [one.text] : [])).join('')).toBe('One megabyte [1]');
  });

  it('is the same answer, and is kept, as one that nobody hears', async () => {
    const [heard, silent] = [arrange(), arrange()];
    const first = await heard.ask({}, aListener());
    expect(first).toEqual(await silent.ask({}, unheard()));
    await heard.later();
    const listener = aListener();
    expect(await heard.ask({}, listener)).toMatchObject({ answer: first.answer, cache: { response: 'hit' } });
    expect(listener.heard).toEqual([]);
  });

  it('tells nothing of a refusal, and of an extractive answer only its sources', async () => {
    const { ask, world } = arrange();
    const listener = aListener();
    await ask({ generation: 'extractive' }, listener);
    expect(listener.heard.map(({ kind }) => kind)).toEqual(['sources']);
    world.findsNothing = true;
    const refused = aListener();
    await ask({ question: 'Something else?' }, refused);
    expect(refused.heard).toEqual([]);
  });

  it('asks the model no faster than its listener takes the text', async () => {
    const asked: number[] = [];
    const heard: number[] = [];
    const { ask } = arrange({ ...TEXT, beforeToken: async (n) => void asked.push(n) });
    const listener = aListener(async ({ kind }) => {
      if (kind !== 'delta') return;
      heard.push(asked.length);
      await new Promise((resolve) => setImmediate(resolve));
      expect(asked.length).toBe(heard.at(-1));
    });
    await ask({}, listener);
    expect(heard.length).toBeGreaterThan(2);
  });

  it('has the support of its sentences compared by meaning also when it took longer than a question may', async () => {
    const { ask, services, clock } = arrange({
      tokens: ['The upper limit for a request is one megabyte [1].'],
      beforeToken: async () => void clock.advance(10_000),
    });
    const embedded: number[] = [];
    services.claims = {
      minCosine: 0.5,
      embedder: {
        async embed(texts, deadline) {
          embedded.push(deadline.remainingMs());
          return succeed({ vectors: texts.map(() => new Float32Array([1])), tokens: 8, estimated: false });
        },
      },
    };
    expect((await ask({}, aListener())).support?.method).toBe('lexical+embedding');
    expect((await ask({ cache: 'no-store' }, unheard())).support?.method).toBe('lexical');
    expect(embedded).toEqual([1_000]);
  });

  it('ends with a failure when the model breaks off after text was told, keeps nothing and asks no other', async () => {
    const { ask, later, store, events, generators } = arrange([BROKEN, TEXT]);
    await expect(ask({}, aListener())).rejects.toThrow('generation:model-1');
    await later();
    expect(store.entries.size).toBe(0);
    expect(generators[1]?.ended()).toBe(0);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'answer.unfinished', reason: 'generation-interrupted', completionTokens: 10 }),
    );
    expect(await ask({}, unheard())).toMatchObject({ servedBy: { generation: 'model-2' } });
  });

  it('gives way to the kept one when the model fails before any text, not after', async () => {
    const { ask, later, services } = arrange();
    const first = await ask();
    await later(3 * 3_600_000);
    services.generators = [aGenerator('busy', async () => fail(anUpstreamError({ code: '3040' })))];
    const listener = aListener();
    expect(await ask({}, listener)).toMatchObject({ answer: first.answer, cache: { response: 'stale' } });
    expect(listener.heard.map(({ kind }) => kind)).toEqual(['sources']);
    services.generators = [aGenerator('dying', async () => succeed(BROKEN))];
    await later(1_000);
    await expect(ask({}, aListener())).rejects.toThrow('generation:dying');
  });

  it('ends with a failure when a document it was told from is gone, and is not kept', async () => {
    const { ask, later, world, store, events } = arrange();
    const listener = aListener(({ kind }) => {
      if (kind !== 'citation') return;
      world.version = 2;
      world.state = { ...world.state, content: 1, retired: [['guide.md', 1]] };
    });
    await expect(ask({}, listener)).rejects.toThrow('CHANGED');
    await later();
    expect(store.entries.size).toBe(0);
    expect(events.filter(({ event }) => event === 'answer.unfinished')).toEqual([
      expect.objectContaining({ reason: 'sources-changed', model: 'model-1', completionTokens: 10 }),
    ]);
  });

  it('is made again, with other sources, when a document goes before any text was told', async () => {
    const { ask, world } = arrange();
    const listener = aListener((_, { heard }) => {
      if (heard.length > 1) return;
      world.version = 2;
      world.state = { ...world.state, content: 1, retired: [['guide.md', 1]] };
    });
    await ask({ generation: 'extractive' }, listener);
    expect(listener.heard.map(({ kind }) => kind)).toEqual(['sources', 'sources']);
  });
});

describe('(peers 31) whoever asked leaves', () => {
  it.each([
    ['before the model is asked', 'sources', 0],
    ['while the model writes', 'delta', 1],
  ] as const)('%s: the model is stopped, and nothing is kept', async (_, kind, stopped) => {
    const { ask, later, store, events, generators } = arrange();
    const listener = aListener((heard, { leave }) => {
      if (heard.kind === kind) leave();
    });
    await expect(ask({}, listener)).rejects.toThrow();
    await later();
    expect([generators[0]?.cancelled(), generators[0]?.ended()]).toEqual([stopped, 0]);
    expect(store.entries.size).toBe(0);
    expect(events.filter(({ event }) => event === 'answer.unfinished')).toEqual([
      expect.objectContaining({ reason: 'left', completionTokens: stopped * 10, costUsd: expect.any(Number) }),
    ]);
    expect(await ask()).toMatchObject({ cache: { response: 'miss' }, answer: 'One megabyte [1]. No more.' });
  });

  it('and wanted the whole answer: the model is stopped all the same', async () => {
    const leaving = new AbortController();
    const { ask, generators } = arrange({ ...TEXT, beforeToken: async (n) => void (n === 2 && leaving.abort()) });
    await expect(ask({}, unheard(leaving.signal))).rejects.toThrow();
    expect([generators[0]?.cancelled(), generators[0]?.ended()]).toEqual([1, 0]);
  });

  it('while others wait for the same answer: it is made for them, once', async () => {
    const { ask, clock, services, generators } = arrange({ ...TEXT, beforeToken: () => services.wait(200) });
    services.wait = async (ms) => {
      for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs; clock.advance(1)) {
        await crypto.subtle.digest('SHA-256', new Uint8Array(1));
      }
    };
    const listener = aListener((heard, { leave }) => {
      if (heard.kind === 'delta') leave();
    });
    const [first, second] = await Promise.allSettled([ask({}, listener), ask({}, aListener())]);
    expect(second).toMatchObject({ status: 'fulfilled', value: { answer: 'One megabyte [1]. No more.' } });
    expect(first.status).toBe('fulfilled');
    expect([generators[0]?.cancelled(), generators[0]?.ended()]).toEqual([0, 1]);
  });

  it('and the platform ends its request: what others may wait for goes on, because it is deferred', async () => {
    const { ask, services } = arrange();
    const deferred: string[] = [];
    const { defer, lexicalIndex } = services;
    services.defer = (name, promise) => {
      deferred.push(name);
      defer(name, promise);
    };
    let before: string[] = [];
    services.lexicalIndex = {
      search: (...asked) => {
        before = [...deferred];
        return lexicalIndex.search(...asked);
      },
    };
    await ask();
    expect(before).toEqual(['answer.making']);
  });

  it('as one of those who wait: it waits no longer, and the others go on', async () => {
    const { ask, clock, services } = arrange({ ...TEXT, beforeToken: () => services.wait(400) });
    const impatient = new AbortController();
    const startedAtMs = clock.nowMs();
    const passedMs = () => clock.nowMs() - startedAtMs;
    services.wait = async (ms) => {
      for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs; clock.advance(1)) {
        if (passedMs() > 150) impatient.abort();
        await crypto.subtle.digest('SHA-256', new Uint8Array(1));
      }
    };
    const made = ask();
    const gaveUpAtMs = ask({}, unheard(impatient.signal)).then(() => null, passedMs);
    expect(await gaveUpAtMs).toBeLessThan(300);
    expect(await made).toMatchObject({ answer: 'One megabyte [1]. No more.' });
    expect(passedMs()).toBeGreaterThan(2_000);
  });

  it('while a stale answer is served: nothing is made anew for it', async () => {
    const { ask, later, services, generators } = arrange();
    await ask();
    await later(90 * 60_000);
    const leaving = new AbortController();
    const { find } = services.answers;
    services.answers = { ...services.answers, find: (...asked) => find(...asked).finally(() => leaving.abort()) };
    expect(await ask({}, unheard(leaving.signal))).toMatchObject({ cache: { response: 'stale' } });
    await later();
    expect(generators[0]?.ended()).toBe(1);
  });
});

describe('who waits for an answer that another has told', () => {
  it('makes its own when that one broke off, however many did', async () => {
    const { ask, clock, services } = arrange();
    let started = 0;
    services.wait = async (ms) => {
      for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs; clock.advance(1)) {
        await crypto.subtle.digest('SHA-256', new Uint8Array(1));
      }
    };
    services.generators = [
      aGenerator('model', async () => {
        started += 1;
        await services.wait(100);
        return succeed(started <= 3 ? BROKEN : TEXT);
      }),
    ];
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => ask({}, aListener())));
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(3);
    expect(started).toBe(4);
  });
});

describe('who waits for an answer whose first asker reads slowly', () => {
  it('gets it as soon as the model has written it, and hears at once that it waits', async () => {
    const { ask, clock, services, generators } = arrange({ ...TEXT, beforeToken: () => services.wait(20) });
    services.wait = async (ms) => {
      for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs; clock.advance(1)) {
        await crypto.subtle.digest('SHA-256', new Uint8Array(1));
      }
    };
    const startedAtMs = clock.nowMs();
    const reading = Promise.withResolvers<void>();
    const slow = aListener(({ kind }) => (kind === 'delta' ? reading.promise : undefined));
    const first = ask({}, slow);
    const follower = aListener();
    const second = await ask({}, follower);
    expect(second).toMatchObject({ answer: 'One megabyte [1]. No more.', cache: { response: 'hit' } });
    expect(clock.nowMs() - startedAtMs).toBeLessThan(1_000);
    expect(follower.heard).toEqual([{ kind: 'waiting' }]);
    expect(generators[0]?.ended()).toBe(1);
    reading.resolve();
    expect(await first).toMatchObject({ answer: second.answer });
    expect(slow.text()).toBe(second.answer);
  });

  it('and leaves again: the model soon goes no faster than the first one reads', async () => {
    const { ask, clock, services, generators } = arrange({ ...TEXT, beforeToken: () => services.wait(100) });
    services.wait = async (ms) => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    };
    const reading = Promise.withResolvers<void>();
    const first = ask(
      {},
      aListener(() => reading.promise),
    );
    const leaving = new AbortController();
    const follower = { ...aListener(), waiting: async () => leaving.abort(), signal: leaving.signal };
    await expect(ask({}, follower)).rejects.toThrow();
    for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve));
    expect(generators[0]?.ended()).toBe(0);
    reading.resolve();
    expect(await first).toMatchObject({ answer: 'One megabyte [1]. No more.' });
  });
});
