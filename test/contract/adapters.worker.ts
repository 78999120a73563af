import { createRedisCacheStore } from '../../src/cache/redis-cache-store.ts';
import { systemClock } from '../../src/clock.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import type { WorkersAiBinding } from '../../src/models/workers-ai-binding.ts';
import { createWorkersAiEmbedder } from '../../src/models/workers-ai-embedder.ts';
import { createWorkersAiGenerator } from '../../src/models/workers-ai-generator.ts';
import { createLexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import { createUpstashStore } from '../../src/retrieval/upstash-store.ts';
import { createVectorizeStore } from '../../src/retrieval/vectorize-store.ts';
import { callUpstreamWith, silentTelemetry } from '../read-path-builders.ts';
import { readPortCall, writePortJson } from './port-json.ts';

interface Env {
  AI: WorkersAiBinding;
  VECTORIZE: Vectorize;
  LEXICAL_DB: D1Database;
  EMBEDDING_MODEL: string;
  UPSTASH_REDIS_REST_URL: string;
  UPSTASH_REDIS_REST_TOKEN: string;
  UPSTASH_VECTOR_PRIMARY_URL: string;
  UPSTASH_VECTOR_PRIMARY_TOKEN: string;
}

const TIMEOUT_MS = 5_000;

/** The adapters in the runtime they are made for: each request is one call of one port. */
export default {
  async fetch(request, env) {
    const { port, method, args } = readPortCall(await request.text());
    const target = adapters(env)[port];
    return new Response(writePortJson(await Reflect.apply(Reflect.get(target, method), target, args)));
  },
} satisfies ExportedHandler<Env>;

function adapters(env: Env) {
  const callUpstream = callUpstreamWith();
  const model = embeddingModelNamed(env.EMBEDDING_MODEL);
  if (model === null) throw new Error('EMBEDDING_MODEL is unknown');
  const common = { callUpstream, clock: systemClock, telemetry: silentTelemetry };
  const storeTimeouts = { queryTimeoutMs: TIMEOUT_MS, writeTimeoutMs: TIMEOUT_MS };
  const ai = { ai: env.AI, callUpstream, timeoutMs: TIMEOUT_MS };
  return {
    vectorize: createVectorizeStore({ ...common, ...storeTimeouts, name: 'vectorize', index: env.VECTORIZE }),
    upstash: createUpstashStore({
      ...common,
      ...storeTimeouts,
      name: 'upstash',
      url: env.UPSTASH_VECTOR_PRIMARY_URL,
      token: env.UPSTASH_VECTOR_PRIMARY_TOKEN,
    }),
    embedder: createWorkersAiEmbedder({ ...ai, model }),
    generator: createWorkersAiGenerator({ ...ai, model: 'local/passage-composer' }),
    chatGenerator: createWorkersAiGenerator({ ...ai, model: 'local/passage-composer-chat' }),
    redis: createRedisCacheStore({
      callUpstream,
      url: env.UPSTASH_REDIS_REST_URL,
      token: env.UPSTASH_REDIS_REST_TOKEN,
      readTimeoutMs: TIMEOUT_MS,
      writeTimeoutMs: TIMEOUT_MS,
    }),
    lexical: createLexicalIndex({
      db: env.LEXICAL_DB,
      callUpstream,
      searchTimeoutMs: TIMEOUT_MS,
      writeTimeoutMs: TIMEOUT_MS,
    }),
  };
}
