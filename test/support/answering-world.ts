import { createManualClock } from '../../local/manual-clock.ts';
import { createFlightMemory, createFlights } from '../../src/cache/flights.ts';
import { EMPTY_STATE, type NamespaceState } from '../../src/namespaces/namespace-state.ts';
import type { StateReading } from '../../src/namespaces/namespace-states.ts';
import { type Answer, answerSchema } from '../../src/query/answer.ts';
import { createAnswerCache } from '../../src/query/answer-cache.ts';
import { answerQuestion } from '../../src/query/answer-question.ts';
import type { Ask } from '../../src/query/ask.ts';
import type { QueryFailure } from '../../src/query/query-failure.ts';
import type { QueryServices } from '../../src/query/query-services.ts';
import { fail, succeed } from '../../src/result.ts';
import {
  aChunk,
  anUpstreamError,
  aQuestionEmbedder,
  aRace,
  aResultsCache,
  aRewritingCache,
} from '../read-path-builders.ts';
import { aGenerator, says } from './a-generator.ts';
import { unheard } from './listeners.ts';
import { createMemoryAnswerStore } from './memory-answer-store.ts';

const plain: Ask = {
  namespace: 'docs',
  question: 'What is the limit?',
  history: [],
  topK: 5,
  cache: 'default',
  retrieval: 'lexical',
  generation: 'auto',
  filter: null,
  maxPerDocument: null,
};

/** A read path whose documents, model and caches a test changes as it goes. */
export function createAnsweringWorld() {
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
    world.isStateKnown ? { kind: 'known', state: world.state, isConfirmed: true } : { kind: 'unknown', last: null };
  const namespaceStates = { current: async () => reading() };
  const defer = (_: string, promise: Promise<unknown>) => void deferred.push(promise);
  const services: QueryServices = {
    ...aRace(clock),
    defer,
    newId: () => `answer-${++ids}`,
    requestTimeoutMs: 12_000,
    streamTimeoutMs: 60_000,
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
      aGenerator('model', async () => {
        world.generations += 1;
        const n = world.generations;
        await services.wait(world.generationMs);
        if (world.modelFails) return fail(anUpstreamError({ dependency: 'workers-ai', code: '3040' }));
        return says(`Answer ${n} [1].`);
      }),
    ],
    generationBudget: null,
    claims: null,
    relevance: null,
    contextTokens: 1_000,
    answerTokens: 100,
    rewritings: aRewritingCache(clock),
    answers: createAnswerCache({
      ...{ store, namespaceStates, clock, defer, madeBy: ['m'] },
      decoded: new Map(),
      writeTimeoutMs: 1_000,
    }),
    flights: createFlights({ memory: createFlightMemory<QueryFailure | null>(), clock, turnMs: 6_000 }),
    wait: () => new Promise((resolve) => setImmediate(resolve)),
  };
  const settle = async () => {
    while (deferred.length > 0) await Promise.all(deferred.splice(0));
  };
  async function ask(changes: Partial<Ask> = {}, listener = unheard()): Promise<Answer> {
    const answered = await answerQuestion(services, { ...plain, ...changes }, 'request', listener);
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
