import type { AnswerStore } from './cache/answer-store.ts';
import { createQuestionEmbedder } from './cache/create-question-embedder.ts';
import { createEdgeAnswerStore } from './cache/edge-answer-store.ts';
import { createFlights } from './cache/flights.ts';
import { createKvAnswerStore } from './cache/kv-answer-store.ts';
import { createSearchCache } from './cache/search-cache.ts';
import { createRandomProjection } from './cache/similar-questions/random-projection.ts';
import { createSimilarResults } from './cache/similar-results.ts';
import { similarityThreshold } from './cache/similarity-thresholds.ts';
import { createTieredAnswerStore } from './cache/tiered-answer-store.ts';
import type { ApiConfig } from './config.ts';
import { identityOf } from './generator-config.ts';
import type { Isolate } from './isolate.ts';
import { createAnswerCache, remainingTtlSeconds } from './query/answer-cache.ts';
import { PROMPT_VERSION } from './query/prompt.ts';
import { relevanceCalibration } from './query/relevance-floors.ts';
import { REWRITE_PROMPT_VERSION } from './query/rewrite-prompt.ts';
import { createRewritingCache } from './query/rewriting-cache.ts';
import { searchResultsSchema } from './retrieval/cached-results.ts';
import type { SimilarServices } from './retrieval/similar-search.ts';
import type { Shared } from './shared-services.ts';

/** What the read path keeps for questions asked again. */
export function createCaches(config: ApiConfig, isolate: Isolate<unknown>, shared: Shared) {
  const { clock, telemetry, defer, redis: store } = shared;
  const writeTimeoutMs = config.CACHE_WRITE_TIMEOUT_MS;
  return {
    embedder: createQuestionEmbedder({
      ...{ clock, telemetry, defer, store, writeTimeoutMs },
      embedder: shared.createEmbedder(config.EMBEDDING_TIMEOUT_MS),
      readings: isolate.cacheReadings,
    }),
    flights: createFlights({
      memory: isolate.flights,
      clock,
      // A turn that ends without a word leaves the next one half of a request's time.
      turnMs: config.REQUEST_DEADLINE_MS / 2,
    }),
    answers: createAnswerCache({
      store: createAnswerStore(config, shared),
      namespaceStates: shared.namespaceStates,
      clock,
      defer: shared.defer,
      decoded: isolate.decodedAnswers,
      madeBy: makersOf(config, shared.fingerprint),
      writeTimeoutMs: config.CACHE_WRITE_TIMEOUT_MS,
    }),
    rewritings: createRewritingCache({
      ...{ store, clock, defer, writeTimeoutMs },
      madeBy: [REWRITE_PROMPT_VERSION, ...config.generators.map(identityOf)],
      readTimeoutMs: config.CACHE_READ_TIMEOUT_MS,
    }),
    results: createSearchCache({
      store: shared.redis,
      schema: searchResultsSchema,
      namespaceStates: shared.namespaceStates,
      clock,
      defer: shared.defer,
      readTimeoutMs: config.CACHE_READ_TIMEOUT_MS,
      writeTimeoutMs: config.CACHE_WRITE_TIMEOUT_MS,
    }),
    similar: createSimilar(config, isolate, shared),
    searchedBy: [shared.fingerprint, config.RERANKER_MODEL],
  };
}

/** Each location's own cache in front of KV. */
function createAnswerStore(config: ApiConfig, { bindings, callUpstream, clock, defer }: Shared): AnswerStore {
  const { ANSWER_CACHE_TIMEOUT_MS: readTimeoutMs, CACHE_WRITE_TIMEOUT_MS: writeTimeoutMs } = config;
  return createTieredAnswerStore({
    near: createEdgeAnswerStore({
      cache: caches.default,
      environment: config.ENVIRONMENT,
      callUpstream,
      timeoutMs: readTimeoutMs,
    }),
    far: createKvAnswerStore({ kv: bindings.ANSWERS, callUpstream, readTimeoutMs, writeTimeoutMs }),
    clock,
    defer,
    writeTimeoutMs,
    ttlSecondsOf: (value) => remainingTtlSeconds(value, clock.nowMs()),
  });
}

/** Off for a model that nobody has calibrated. */
function createSimilar(
  config: ApiConfig,
  { projections }: Isolate<unknown>,
  { redis, createRedisFields, clock, defer }: Shared,
): SimilarServices {
  const { dimensions } = config.embeddingModel;
  const threshold = similarityThreshold(config.embeddingModel);
  if (threshold === null) return null;
  const projection = projections.get(dimensions) ?? createRandomProjection(dimensions);
  projections.set(dimensions, projection);
  const timeouts = { readTimeoutMs: config.CACHE_READ_TIMEOUT_MS, writeTimeoutMs: config.CACHE_WRITE_TIMEOUT_MS };
  const common = { fields: createRedisFields(), store: redis, projection, clock, defer, ...timeouts };
  return { threshold, results: createSimilarResults(common) };
}

/** What an answer depends on besides its question and the documents. */
function makersOf(config: ApiConfig, fingerprint: string): (string | number | null)[] {
  const { RERANKER_MODEL, CONTEXT_TOKENS, ANSWER_TOKENS } = config;
  const calibration = relevanceCalibration(config.embeddingModel);
  const judgedBy = calibration && JSON.stringify(calibration);
  const models = config.generators.map(identityOf);
  return [fingerprint, RERANKER_MODEL, PROMPT_VERSION, judgedBy, CONTEXT_TOKENS, ANSWER_TOKENS, ...models];
}
