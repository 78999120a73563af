import type { CacheStore } from '../src/cache/cache-store.ts';
import type { QuestionEmbedder } from '../src/cache/cached-embedder.ts';
import { createQuestionEmbedder, type QuestionEmbedderOptions } from '../src/cache/create-question-embedder.ts';
import { createFlightMemory, createFlights } from '../src/cache/flights.ts';
import { createSearchCache } from '../src/cache/search-cache.ts';
import { type Clock, systemClock } from '../src/clock.ts';
import type { Embedder, EmbeddingModel } from '../src/models/embedder.ts';
import { embeddingModelNamed } from '../src/models/embedding-models.ts';
import { EMPTY_STATE } from '../src/namespaces/namespace-state.ts';
import type { Passage } from '../src/query/answer.ts';
import { createAnswerCache } from '../src/query/answer-cache.ts';
import type { QueryFailure } from '../src/query/query-failure.ts';
import type { QueryServices } from '../src/query/query-services.ts';
import { createRewritingCache, type RewritingCache } from '../src/query/rewriting-cache.ts';
import { type CallUpstream, createCallUpstream } from '../src/resilience/call-upstream.ts';
import { type Deadline, deadlineIn } from '../src/resilience/deadline.ts';
import { createLatencySamples } from '../src/resilience/latency-samples.ts';
import type { UpstreamError } from '../src/resilience/upstream-error.ts';
import type { RaceServices } from '../src/retrieval/ask-stores.ts';
import { type ResultsCache, searchResultsSchema } from '../src/retrieval/cached-results.ts';
import type { StoredChunk } from '../src/retrieval/passage.ts';
import { createStandingsMemory, createStoreStandings } from '../src/retrieval/store-standings.ts';
import type { VectorStore } from '../src/retrieval/vector-store.ts';
import type { Telemetry } from '../src/telemetry/telemetry.ts';
import { createMemoryAnswerStore } from './support/memory-answer-store.ts';
import { createMemoryCacheStore } from './support/memory-cache-store.ts';

const defaultModel = embeddingModelNamed('@cf/baai/bge-m3');
if (defaultModel === null) throw new Error('the default model is missing');
const embeddingModel = defaultModel;

export const silentTelemetry: Telemetry = { emit: () => {}, count: () => {}, observe: () => {} };

export function callUpstreamWith(clock: Clock = systemClock): CallUpstream {
  return createCallUpstream({ clock, telemetry: silentTelemetry });
}

/** What asking several stores needs, with everything still to be learned of them. */
export function aRace(clock: Clock = systemClock): RaceServices {
  const memory = createStandingsMemory();
  const standings = createStoreStandings({ clock, telemetry: silentTelemetry, memory, minHedgeDelayMs: 20 });
  const circuits = { rejectionOf: () => null, isProbing: () => false };
  return { clock, telemetry: silentTelemetry, standings, circuits, defer: (_name, promise) => void promise };
}

/** A vector store that answers questions as the test wants, and nothing else. */
export function aVectorStore(name: string, query: VectorStore['query']): VectorStore {
  const never = () => Promise.reject(new Error('questions only read'));
  const writes = { upsert: never, delete: never, isVisible: never, fetch: never, present: never, list: null };
  return { name, maxBatch: 1, maxFetch: 1, query, queryText: null, ...writes };
}

/** Questions are embedded as the test wants, behind a cache with nothing in it. */
export function aQuestionEmbedder(
  embed: (question: string) => ReturnType<Embedder['embed']>,
  { model = embeddingModel, ...parts }: Partial<QuestionEmbedderOptions> & { model?: EmbeddingModel } = {},
): QuestionEmbedder {
  const clock = parts.clock ?? systemClock;
  return createQuestionEmbedder({
    embedder: { model, embed: async ([question = '']) => embed(question) },
    store: createMemoryCacheStore(clock),
    clock,
    telemetry: silentTelemetry,
    defer: (_name, promise) => void promise,
    readings: createLatencySamples(),
    writeTimeoutMs: 1_000,
    ...parts,
  });
}

/** Search results are kept in a store with nothing in it. */
export function aResultsCache(clock: Clock, namespaceStates: QueryServices['namespaceStates']): ResultsCache {
  return createSearchCache({
    store: createMemoryCacheStore(clock),
    schema: searchResultsSchema,
    namespaceStates,
    clock,
    defer: (_name, promise) => void promise,
    readTimeoutMs: 150,
    writeTimeoutMs: 1_000,
  });
}

/** Rewritten questions are kept in a store with nothing in it. */
export function aRewritingCache(clock: Clock, store: CacheStore = createMemoryCacheStore(clock)): RewritingCache {
  const defer = (_name: string, promise: Promise<unknown>) => void promise;
  return createRewritingCache({ store, clock, defer, madeBy: [], readTimeoutMs: 150, writeTimeoutMs: 1_000 });
}

/** What keeping answers needs: a store with nothing in it, in a namespace that never changes. */
export function anAnswerCache(clock: Clock & { advance?(ms: number): void } = systemClock) {
  const namespaceStates: QueryServices['namespaceStates'] = {
    current: async () => ({ kind: 'known', state: EMPTY_STATE, isConfirmed: true }),
  };
  const answers = createAnswerCache({
    store: createMemoryAnswerStore(clock),
    namespaceStates,
    clock,
    defer: (_name, promise) => void promise,
    decoded: new Map(),
    madeBy: [],
    writeTimeoutMs: 1_000,
  });
  const flights = createFlights({ memory: createFlightMemory<QueryFailure | null>(), clock, turnMs: 6_000 });
  const results = aResultsCache(clock, namespaceStates);
  return {
    namespaceStates,
    answers,
    flights,
    results,
    rewritings: aRewritingCache(clock),
    similar: null,
    searchedBy: [],
    wait: async (ms: number) => clock.advance?.(ms),
  };
}

export function inSeconds(seconds: number, clock: Clock = systemClock): Deadline {
  return deadlineIn(clock, seconds * 1_000);
}

export function aChunk(parts: Partial<StoredChunk> = {}): StoredChunk {
  const text = parts.text ?? 'The limit is one megabyte.';
  const start = parts.start ?? 0;
  return {
    chunkId: 'chunk-1',
    namespace: 'docs',
    documentId: 'guide.md',
    version: 1,
    n: 0,
    title: 'Guide',
    url: null,
    headings: [],
    text,
    start,
    end: start + text.length,
    lead: null,
    metadata: {},
    ...parts,
  };
}

export function aPassage(n: number, text: string, parts: Partial<Passage> = {}): Passage {
  const { namespace: _namespace, version: _version, lead: _lead, ...shown } = aChunk({ chunkId: `chunk-${n}`, text });
  return { ...shown, score: 1 / n, ranks: { vector: n, lexical: null }, similarity: null, ...parts, n };
}

export function anUpstreamError(parts: Partial<UpstreamError> = {}): UpstreamError {
  return {
    dependency: 'vectorize',
    operation: 'query',
    class: 'transient',
    code: 'TIMEOUT',
    message: 'no answer within 100 ms',
    retryAfterMs: null,
    ...parts,
  };
}
