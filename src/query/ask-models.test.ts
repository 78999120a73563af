import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import {
  anAnswerCache,
  anUpstreamError,
  aPassage,
  aQuestionEmbedder,
  aRace,
  inSeconds,
} from '../../test/read-path-builders.ts';
import { aGenerator, type FakeAnswer, says } from '../../test/support/a-generator.ts';
import type { GenerateOptions, Generator } from '../models/generator.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import { fail, succeed } from '../result.ts';
import type { AnswerListener } from './answer-listener.ts';
import { type Asking, askModels } from './ask-models.ts';
import { openTurns } from './generation-turns.ts';
import type { QueryServices } from './query-services.ts';
import { createSilentListener } from './silent-listener.ts';

const passages = [aPassage(1, 'The limit is one megabyte.')];
const broken = anUpstreamError({ dependency: 'workers-ai', operation: 'stream', code: 'INTERRUPTED' });
const breaksOff: FakeAnswer = { tokens: ['The', ' limit'], breaksOff: broken };

function aListener(signal = new AbortController().signal) {
  const heard: string[] = [];
  const listener: AnswerListener = {
    waiting: async () => {},
    sources: async () => {},
    async delta(text) {
      heard.push(text);
    },
    async citation({ n }) {
      heard.push(`(${n})`);
    },
    signal,
  };
  return { heard, listener };
}

function ask(generators: Generator[], parts: Partial<Asking> = {}) {
  const clock = createManualClock();
  const services: QueryServices = {
    ...aRace(clock),
    ...anAnswerCache(clock),
    newId: () => 'id',
    requestTimeoutMs: 1_000,
    streamTimeoutMs: 10_000,
    embedder: aQuestionEmbedder(async () => fail(anUpstreamError())),
    vectorStores: [],
    lexicalIndex: { search: async () => fail(anUpstreamError()) },
    liveness: { liveVersions: async () => fail(anUpstreamError()) },
    reranker: null,
    ...{ claims: null, relevance: null },
    ...{ generators, generationBudget: null, contextTokens: 1_000, answerTokens: 100 },
  };
  return askModels(services, {
    prompt: [{ role: 'user', content: 'What is the limit?' }],
    passages,
    turns: openTurns(null, deadlineIn(clock, 1_000)),
    listener: createSilentListener(new AbortController().signal),
    deadline: deadlineIn(clock, 1_000),
    ...parts,
  });
}

describe('the chain of models', () => {
  it('lets the listener hear an answer while it is written, each citation after its number', async () => {
    const { heard, listener } = aListener();
    const { outcome, used } = await ask([aGenerator('a', async () => says('The limit is one megabyte [1].'))], {
      listener,
    });
    expect(heard.slice(0, 3)).toEqual(['The', ' limit', ' is']);
    expect(outcome).toMatchObject({
      kind: 'answered',
      generated: { model: 'a', text: 'The limit is one megabyte [1].', citations: [{ n: 1 }] },
    });
    expect(heard.join('')).toBe('The limit is one megabyte [1](1).');
    expect(used).toEqual([{ model: 'a', price: null, promptTokens: 100, completionTokens: 10, estimated: false }]);
  });

  it('goes no faster than it is heard', async () => {
    const { promise: isRead, resolve: read } = Promise.withResolvers<void>();
    let written = 0;
    const generator = aGenerator('a', async () => says('One two three.'));
    const counting: Generator = {
      ...generator,
      async start(...asked) {
        const started = await generator.start(...asked);
        if (!started.ok) return started;
        const next = async () => {
          written += 1;
          return started.value.next();
        };
        return succeed({ ...started.value, next });
      },
    };
    const { listener } = aListener();
    const asking = ask([counting], { listener: { ...listener, delta: () => isRead } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(1);
    read();
    await asking;
    expect(written).toBe(4);
  });

  it('ends in the middle of an answer that has been shown, and has what it used paid for', async () => {
    const { heard, listener } = aListener();
    const next = aGenerator('b', async () => says('Never asked.'));
    const { outcome, used, degraded } = await ask([aGenerator('a', async () => succeed(breaksOff)), next], {
      listener,
    });
    expect(outcome).toEqual({ kind: 'interrupted' });
    expect(heard).toEqual(['The', ' limit']);
    expect(used).toMatchObject([{ model: 'a', completionTokens: 10 }]);
    expect(degraded).toEqual([{ step: 'generation:a', reason: 'INTERRUPTED' }]);
  });

  it('asks the next model when nobody has seen what broke off', async () => {
    const generators = [aGenerator('a', async () => succeed(breaksOff)), aGenerator('b', async () => says('Yes [1].'))];
    const { outcome, used, degraded } = await ask(generators);
    expect(outcome).toMatchObject({ kind: 'answered', generated: { model: 'b', text: 'Yes [1].' } });
    expect(used.map(({ model }) => model)).toEqual(['a', 'b']);
    expect(degraded).toEqual([{ step: 'generation:a', reason: 'INTERRUPTED' }]);
  });

  it('asks the next one also in a stream that has not shown a word yet', async () => {
    const { heard, listener } = aListener();
    const silent = aGenerator('a', async () => succeed({ tokens: ['[1'], breaksOff: broken }));
    const { outcome } = await ask([silent, aGenerator('b', async () => says('Yes.'))], { listener });
    expect(outcome).toMatchObject({ kind: 'answered', generated: { model: 'b' } });
    expect(heard).toEqual(['Yes.']);
  });

  it('stops the model when the listener leaves, and asks no other one', async () => {
    const leaving = new AbortController();
    const { listener } = aListener(leaving.signal);
    const leaves = { ...listener, delta: async () => leaving.abort() };
    const asked: string[] = [];
    const next = aGenerator('b', async () => {
      asked.push('b');
      return says('No.');
    });
    const { outcome, used } = await ask([aGenerator('a', async () => says('One two three.')), next], {
      listener: leaves,
    });
    expect(outcome).toEqual({ kind: 'abandoned' });
    expect(used).toMatchObject([{ model: 'a' }]);
    expect(asked).toEqual([]);
  });

  it('leaves no model behind when a listener breaks', async () => {
    const { listener } = aListener();
    const generator = aGenerator('a', async () => says('One two.'));
    const breaking = { ...listener, delta: () => Promise.reject(new Error('a bug')) };
    await expect(ask([generator], { listener: breaking })).rejects.toThrow('a bug');
    expect(generator.cancelled()).toBe(1);
  });

  it('passes over all models of a spent budget, by name, to the one that has no part in it', async () => {
    const never = async () => Promise.reject(new Error('it must not be asked'));
    const generators = [
      aGenerator('a', never, { isRateBudgeted: true }),
      aGenerator('b', never, { isRateBudgeted: true }),
      aGenerator('c', async () => says('Yes.')),
    ];
    const turns = { ...openTurns(null, inSeconds(1)), take: async () => false };
    const { outcome, degraded } = await ask(generators, { turns });
    expect(outcome).toMatchObject({ kind: 'answered', generated: { model: 'c' } });
    expect(degraded).toEqual([
      { step: 'generation:a', reason: 'RATE_BUDGET' },
      { step: 'generation:b', reason: 'RATE_BUDGET' },
    ]);
  });

  it('uses a turn of the budget for each call that goes out, and for no other', async () => {
    const spent: string[] = [];
    const budgeted = (name: string, goesOut: boolean): Generator => ({
      ...aGenerator(name, async () => fail(broken)),
      isRateBudgeted: true,
      async start(_messages, { onCall }) {
        if (goesOut) onCall?.();
        return fail(anUpstreamError({ code: goesOut ? '3040' : 'BREAKER_OPEN' }));
      },
    });
    const generators = [
      budgeted('open', false),
      budgeted('busy', true),
      aGenerator('free', async () => succeed(breaksOff)),
    ];
    const turns = { ...openTurns(null, inSeconds(1)), spend: () => void spent.push('turn') };
    const { degraded } = await ask(generators, { turns });
    expect(degraded.map(({ reason }) => reason)).toEqual(['BREAKER_OPEN', '3040', 'INTERRUPTED']);
    expect(spent).toHaveLength(1);
  });

  it('gives an answer that was cut at the most tokens it may have, and says so', async () => {
    const cut = aGenerator('a', async () => succeed({ tokens: ['The', ' limit [1]'], isCut: true }));
    const next = aGenerator('b', () => Promise.reject(new Error('it must not be asked')));
    const { outcome, degraded } = await ask([cut, next]);
    expect(outcome).toMatchObject({ kind: 'answered', generated: { model: 'a', text: 'The limit [1]' } });
    expect(degraded).toEqual([{ step: 'generation', reason: 'TRUNCATED' }]);
  });

  it.each([
    ['numbers it was not given', '[7][8]'],
    ['a number alone', ' [1].'],
    ['an address no passage has', '![](https://evil.example/a?b=c)'],
    ['such an address in code', '`https://evil.example/a?b=c`'],
    ['symbols', '**$** + `[1]`'],
  ])('asks the next model when of an answer nothing is left to say, such as %s', async (_what, text) => {
    const empty = aGenerator('a', async () => says(text));
    const { outcome, used, degraded } = await ask([empty, aGenerator('b', async () => says('Yes [1].'))]);
    expect(outcome).toMatchObject({ kind: 'answered', generated: { model: 'b' } });
    expect(used.map(({ model }) => model)).toEqual(['a', 'b']);
    expect(degraded).toEqual([{ step: 'generation:a', reason: 'BAD_ANSWER' }]);
    expect(await ask([empty])).toMatchObject({ outcome: { kind: 'unanswered' } });
  });

  it('asks the next model in a stream too when all of an answer was taken out', async () => {
    const { heard, listener } = aListener();
    const generators = [aGenerator('a', async () => says('[7]')), aGenerator('b', async () => says('Yes.'))];
    expect((await ask(generators, { listener })).outcome).toMatchObject({
      kind: 'answered',
      generated: { model: 'b' },
    });
    expect(heard).toEqual(['Yes.']);
  });

  it.each([
    ['breaks off', async () => succeed({ tokens: ['**', '`', '[1]', ' [123'], breaksOff: broken })],
    ['ends', async () => says('`https://evil.example/a?b=c` ** $')],
  ])(
    'lets nobody hear symbols before a word follows, and asks the next model when the answer %s',
    async (_how, answer) => {
      const { heard, listener } = aListener();
      const generators = [aGenerator('a', answer), aGenerator('b', async () => says('**Yes.**'))];
      const { outcome } = await ask(generators, { listener });
      expect(outcome).toMatchObject({ kind: 'answered', generated: { model: 'b', text: '**Yes.**' } });
      expect(heard.join('')).toBe('**Yes.**');
    },
  );

  it('lets the listener hear what came before the first word, in its order', async () => {
    const { heard, listener } = aListener();
    const { outcome } = await ask([aGenerator('a', async () => succeed({ tokens: ['**', '[1]', ' The'] }))], {
      listener,
    });
    expect(outcome).toMatchObject({ kind: 'answered', generated: { text: '**[1] The' } });
    expect(heard.join('').replace('(1)', '')).toBe('**[1] The');
  });

  it('gives each model its share for the first token, and what is left for the rest', async () => {
    const given: [number, number][] = [];
    const remember = async (_messages: unknown, { firstToken, deadline }: GenerateOptions) => {
      given.push([firstToken.remainingMs(), deadline.remainingMs()]);
      return fail(broken);
    };
    await ask(['a', 'b', 'c'].map((name) => aGenerator(name, remember)));
    expect(given).toEqual([
      [300, 900],
      [450, 900],
      [900, 900],
    ]);
  });

  it('lets an answer that is read along take longer than the question may, once it has begun', async () => {
    const given: [number, number][] = [];
    const { listener } = aListener();
    const remember = async (_messages: unknown, { firstToken, deadline }: GenerateOptions) => {
      given.push([firstToken.remainingMs(), deadline.remainingMs()]);
      return says('Yes.');
    };
    await ask([aGenerator('a', remember)], { listener });
    expect(given).toEqual([[900, 10_000]]);
  });
});
