import { createEdgeAnswerStore } from '../../src/cache/edge-answer-store.ts';
import { createKvAnswerStore } from '../../src/cache/kv-answer-store.ts';
import { createRedisCacheStore } from '../../src/cache/redis-cache-store.ts';
import { createRedisCounterStore } from '../../src/cache/redis-counter-store.ts';
import { createRedisFieldStore } from '../../src/cache/redis-field-store.ts';
import { systemClock } from '../../src/clock.ts';
import { DEFAULT_CHUNKING } from '../../src/ingest/chunk-size.ts';
import { chunkerTag } from '../../src/ingest/chunker-version.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import { createOpenAiGenerator } from '../../src/models/openai-generator.ts';
import type { WorkersAiBinding } from '../../src/models/workers-ai-binding.ts';
import { createWorkersAiConverter } from '../../src/models/workers-ai-converter.ts';
import { createWorkersAiEmbedder } from '../../src/models/workers-ai-embedder.ts';
import { createWorkersAiGenerator } from '../../src/models/workers-ai-generator.ts';
import { createWorkersAiReranker } from '../../src/models/workers-ai-reranker.ts';
import { filterableMetadata } from '../../src/retrieval/filters/filterable-metadata.ts';
import { fingerprintOf } from '../../src/retrieval/fingerprint.ts';
import { createLexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import { createUpstashStore } from '../../src/retrieval/upstash-store.ts';
import { createVectorizeStore } from '../../src/retrieval/vectorize-store.ts';
import { callUpstreamWith, silentTelemetry } from '../read-path-builders.ts';
import { transcriberOf } from '../support/transcribe.ts';
import { contractSettings } from './contract-settings.ts';
import { readPortCall, writePortJson } from './port-json.ts';

/** On an account some of the bindings are missing; then nobody calls their ports. */
interface Env {
  AI: WorkersAiBinding;
  VECTORIZE: Vectorize;
  LEXICAL_DB: D1Database;
  ANSWERS: KVNamespace;
  SETTINGS: unknown;
}

/** The adapters in the runtime they are made for: each request is one call of one port. */
export default {
  async fetch(request, env) {
    const { port, method, args } = readPortCall(await request.text());
    const target = adapters(env)[port];
    return new Response(writePortJson(await Reflect.apply(Reflect.get(target, method), target, args)));
  },
} satisfies ExportedHandler<Env>;

function adapters(env: Env) {
  const settings = contractSettings.parse(env.SETTINGS);
  const { embeddingModel, generationModel, chatGenerationModel, timeoutMs, redis, vector } = settings;
  const callUpstream = callUpstreamWith();
  const model = embeddingModelNamed(embeddingModel);
  if (model === null) throw new Error(`unknown embedding model: ${embeddingModel}`);
  const common = { callUpstream, clock: systemClock, telemetry: silentTelemetry };
  const storeTimeouts = { queryTimeoutMs: timeoutMs, writeTimeoutMs: timeoutMs };
  const fingerprint = fingerprintOf(model, chunkerTag(DEFAULT_CHUNKING));
  const another = { fingerprint: fingerprintOf({ ...model, name: `${model.name}-2` }, chunkerTag(DEFAULT_CHUNKING)) };
  const ai = { ai: env.AI, callUpstream, timeoutMs };
  const defer = (_name: string, promise: Promise<unknown>) => void promise;
  const generation = { ...common, defer, timeoutMs, idleTimeoutMs: timeoutMs };
  const workersAi = { ...generation, ai: env.AI, gateway: null };
  const endpoint = { ...settings.openAi, name: 'openai', price: null, body: {} };
  const store = { ...common, ...storeTimeouts, fingerprint };
  const filterable = filterableMetadata.parse(settings.filterable);
  const vectorize = { ...store, name: 'vectorize', index: env.VECTORIZE, filterable };
  const upstash = { ...store, ...vector, name: 'upstash', hostsModel: true };
  return {
    vectorize: createVectorizeStore(vectorize),
    vectorizeOfAnotherModel: createVectorizeStore({ ...vectorize, ...another }),
    upstash: createUpstashStore(upstash),
    upstashOfAnotherModel: createUpstashStore({ ...upstash, ...another }),
    embedder: createWorkersAiEmbedder({ ...ai, model }),
    generator: transcriberOf(createWorkersAiGenerator({ ...workersAi, model: generationModel })),
    chatGenerator: transcriberOf(createWorkersAiGenerator({ ...workersAi, model: chatGenerationModel })),
    openAiGenerator: transcriberOf(createOpenAiGenerator(endpoint, generation)),
    reranker: createWorkersAiReranker({ ...ai, model: 'local/term-overlap-reranker' }),
    // Its files are converted on threads that have to start first.
    converter: createWorkersAiConverter({ ...ai, timeoutMs: 10 * timeoutMs }),
    redis: createRedisCacheStore({ ...redis, callUpstream, readTimeoutMs: timeoutMs, writeTimeoutMs: timeoutMs }),
    redisFields: createRedisFieldStore({
      ...redis,
      callUpstream,
      readTimeoutMs: timeoutMs,
      writeTimeoutMs: timeoutMs,
    }),
    redisCounters: createRedisCounterStore({
      ...redis,
      callUpstream,
      readTimeoutMs: timeoutMs,
      writeTimeoutMs: timeoutMs,
    }),
    kvAnswers: createKvAnswerStore({
      kv: env.ANSWERS,
      callUpstream,
      readTimeoutMs: timeoutMs,
      writeTimeoutMs: timeoutMs,
    }),
    edgeAnswers: createEdgeAnswerStore({ cache: caches.default, environment: 'test', callUpstream, timeoutMs }),
    lexical: createLexicalIndex({
      db: env.LEXICAL_DB,
      callUpstream,
      searchTimeoutMs: timeoutMs,
      writeTimeoutMs: timeoutMs,
    }),
  };
}
