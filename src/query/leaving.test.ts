import { describe, expect, it } from 'vitest';
import {
  aChunk,
  aQuestionEmbedder,
  aVectorStore,
  callUpstreamWith,
  silentTelemetry,
} from '../../test/read-path-builders.ts';
import { aGenerator } from '../../test/support/a-generator.ts';
import { createAnsweringWorld } from '../../test/support/answering-world.ts';
import { aListener, unheard } from '../../test/support/listeners.ts';
import { createMemoryCacheStore } from '../../test/support/memory-cache-store.ts';
import { createSearchCache } from '../cache/search-cache.ts';
import { embeddingModelNamed } from '../models/embedding-models.ts';
import type { GenerateOptions } from '../models/generator.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { succeed } from '../result.ts';
import { searchResultsSchema } from '../retrieval/cached-results.ts';
import { createAnswerCache } from './answer-cache.ts';
import { answerQuestion } from './answer-question.ts';
import type { Ask } from './ask.ts';
import { createRewritingCache } from './rewriting-cache.ts';
import { searchPassages } from './search-passages.ts';

const ASK: Ask = {
  ...{ namespace: 'docs', question: 'And how large is it?', topK: 5, cache: 'default', retrieval: 'hybrid' },
  ...{ generation: 'auto', filter: null, maxPerDocument: null },
  history: [{ role: 'user', content: 'What is the limit?' }],
};
// Half of its words are the passage's: what it says has to be compared by meaning.
// The end of an address is known with the answer's own.
const TOKENS = ['The limit ', 'stands at ', 'one megabyte ', 'nowadays ', '[1', ']. See ', 'https://example.com'];
const CALLS = [
  ...['rewritings/getMany', 'budget/take', 'rewrite/start', 'rewritings/setMany', 'answers/get', 'state/current'],
  ...['results/getMany', 'embedder/embed', 'vectors/query', 'lexical/search', 'liveness/liveVersions'],
  ...['reranker/rerank', 'results/setMany', 'model/start', 'claims/embed', 'answers/put'],
].sort();

/** A read path each of whose calls goes by `callUpstream` and is counted; the client leaves at the n-th thing that happens. */
function arrange(leavesAt: number | null, how: 'stream' | 'whole') {
  const { services, clock, store, settle } = createAnsweringWorld();
  const leaving = new AbortController();
  const callUpstream = callUpstreamWith(clock);
  const classify = () => ({ class: 'transient' as const, code: 'BROKEN', message: 'broken' });
  const begun: string[] = [];
  const turns = { taken: 0, givenBack: 0 };
  let happened = 0;
  let begunByThen: string[] | null = null;

  async function happens(): Promise<void> {
    happened += 1;
    if (happened === leavesAt) {
      begunByThen = [...begun];
      leaving.abort();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Every call with a deadline goes by `callUpstream`; `refused` is what comes of one that does not begin or end. */
  function counted<T extends object>(name: string, port: T, refused?: (error: unknown) => unknown): T {
    return new Proxy(port, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          const options = args.find(isGenerateOptions);
          const deadline = args.find(isDeadline) ?? options?.firstToken;
          if (deadline === undefined) return Reflect.apply(member, target, args);
          const operation = `${name}/${String(property)}`;
          const call = { dependency: name, operation, deadline, timeoutMs: 1_000, signal: options?.signal, classify };
          return callUpstream(call, async (given) => {
            begun.push(operation);
            options?.onCall?.();
            await happens();
            given.throwIfAborted();
            return Reflect.apply(member, target, args);
          }).then((outcome) => (outcome.ok ? outcome.value : (refused?.(outcome.error) ?? outcome)));
        };
      },
    });
  }

  const model = embeddingModelNamed('@cf/baai/bge-m3');
  if (model === null) throw new Error('the default model is missing');
  const embedded = (texts: string[]) => {
    const vectors = texts.map(() => new Float32Array(model.dimensions).fill(model.dimensions ** -0.5));
    return Promise.resolve(succeed({ vectors, tokens: 5, estimated: false }));
  };
  const embedder = (name: string) => counted(name, { model, embed: embedded });
  const namespaceStates = counted('state', services.namespaceStates, () => ({ kind: 'unknown', last: null }));
  const cached = createMemoryCacheStore(clock);
  const { defer } = services;
  const common = { clock, defer, writeTimeoutMs: 1_000, readTimeoutMs: 150 };
  const speaks = (name: string, tokens: string[]) => {
    const answer = async () => succeed({ tokens, beforeToken: happens });
    return counted(name, aGenerator(name, answer, { isRateBudgeted: true }));
  };
  const budget = {
    async take(_: Deadline) {
      turns.taken += 1;
      const giveBack = () => {
        turns.givenBack += 1;
        return 1;
      };
      return { isGranted: true, commands: 1, giveBack };
    },
  };
  Object.assign(services, {
    namespaceStates,
    rewritings: createRewritingCache({ ...common, store: counted('rewritings', cached), madeBy: [] }),
    answers: createAnswerCache({
      ...{ ...common, store: counted('answers', store), namespaceStates, decoded: new Map(), madeBy: [] },
    }),
    results: createSearchCache({
      ...{ ...common, store: counted('results', cached), namespaceStates, schema: searchResultsSchema },
    }),
    embedder: aQuestionEmbedder(() => Promise.reject(new Error('the one below is asked')), {
      ...{ clock, defer, store: counted('embeddings', cached), telemetry: silentTelemetry },
      embedder: embedder('embedder'),
    }),
    vectorStores: [
      counted(
        'vectors',
        aVectorStore('vectors', async () =>
          succeed({ matches: [{ chunk: aChunk({}), score: 0.9 }], isComplete: true }),
        ),
      ),
    ],
    lexicalIndex: counted('lexical', {
      search: async () => {
        const other = aChunk({ chunkId: 'chunk-2', n: 5, text: 'Nobody has asked for more than that.' });
        return succeed({ matches: [{ chunk: other, score: 1 }], rowsRead: 1 });
      },
    }),
    liveness: counted('liveness', services.liveness),
    reranker: counted('reranker', {
      name: 'reranker',
      rerank: async () => succeed({ scores: [{ id: 'chunk-1', score: 1 }], tokens: 1, estimated: false }),
    }),
    claims: { embedder: embedder('claims'), minCosine: 0.5 },
    generationBudget: counted('budget', budget, () => ({ isGranted: true, commands: 0, giveBack: () => 0 })),
  });
  const rewriter = speaks('rewrite', ['How large is the limit?']);
  const writer = speaks('model', TOKENS);
  let isRewritten = false;
  services.generators = [
    {
      ...{ name: 'model', isRateBudgeted: true, price: null },
      start(messages, options) {
        const generator = isRewritten ? writer : rewriter;
        isRewritten = true;
        return generator.start(messages, options);
      },
    },
  ];
  const heard = aListener(happens);
  const listener = how === 'whole' ? unheard(leaving.signal) : { ...heard, signal: leaving.signal };
  const finish = async () => {
    await settle();
    await new Promise((resolve) => setImmediate(resolve));
    await settle();
  };
  return {
    ...{ services, listener, store, finish, begun, turns },
    happened: () => happened,
    begunByThen: () => begunByThen,
  };
}

function isGenerateOptions(value: unknown): value is GenerateOptions {
  return value !== null && typeof value === 'object' && 'firstToken' in value;
}

function isDeadline(value: unknown): value is Deadline {
  return value !== null && typeof value === 'object' && 'remainingMs' in value;
}

describe.each(['stream', 'whole'] as const)('(peers 31) a client that leaves its answer (%s)', (how) => {
  it('before whatever happens next: nothing more is asked of anybody, and nothing is kept', async () => {
    const undisturbed = arrange(null, how);
    const answered = await answerQuestion(undisturbed.services, ASK, 'request', undisturbed.listener);
    await undisturbed.finish();
    expect(answered).toMatchObject({ ok: true, value: { degraded: [], support: { method: 'lexical+embedding' } } });
    expect([...new Set(undisturbed.begun)].sort()).toEqual(expect.arrayContaining(CALLS));
    for (let n = 1; n <= undisturbed.happened(); n++) {
      const { services, listener, store, finish, begun, begunByThen, turns } = arrange(n, how);
      const left = await answerQuestion(services, ASK, 'request', listener);
      await finish();
      expect({ n, begun }).toEqual({ n, begun: begunByThen() });
      const wasWhole = begun.includes('answers/put');
      expect({ n, failure: left.ok ? null : left.error.kind }).toEqual({ n, failure: wasWhole ? null : 'left' });
      expect(store.entries.size).toBe(Number(wasWhole));
      expect(turns.givenBack).toBe(
        turns.taken - begun.filter((name) => /^(?:rewrite|model)\/start$/.test(name)).length,
      );
    }
  });
});

it('(peers 31) a client that leaves its search: nothing more is asked of anybody', async () => {
  const ask: Ask = { ...ASK, generation: 'none' };
  const undisturbed = arrange(null, 'whole');
  expect(await searchPassages(undisturbed.services, ask, 'request', undisturbed.listener)).toMatchObject({ ok: true });
  await undisturbed.finish();
  for (let n = 1; n <= undisturbed.happened(); n++) {
    const { services, listener, finish, begun, begunByThen } = arrange(n, 'whole');
    await searchPassages(services, ask, 'request', listener);
    await finish();
    expect({ n, begun }).toEqual({ n, begun: begunByThen() });
  }
});
