import { systemClock } from '../src/clock.ts';
import { filterableMetadata, metadataProperty } from '../src/retrieval/filters/filterable-metadata.ts';
import { createAiService } from './ai/ai-service.ts';
import { createEmbeddingPool, LOCAL_EMBEDDING_DIMENSIONS } from './ai/embedding-pool.ts';
import { createBindingService } from './bindings/binding-service.ts';
import { createControlService } from './control/control-service.ts';
import { BINDING_SERVICES } from './faults/fault.ts';
import { createFaultGate } from './faults/fault-gate.ts';
import { waitOnTimer } from './faults/wait.ts';
import { type RunningServer, type ServeOptions, serve } from './http-server.ts';
import { createOpenAiService, OPENAI_MODEL } from './openai/openai-service.ts';
import { createRedisService } from './redis/redis-service.ts';
import { createVectorService } from './vector/vector-service.ts';
import { createVectorizeService } from './vectorize/vectorize-service.ts';

export interface LocalCloudOptions {
  /** Everything the services keep; it survives the process at any moment. */
  stateDir: string;
  /** Embeddings by content, shared by every state. */
  embeddingCacheDir: string;
  /** 0: any free one. */
  ports: { cloud: number; redis: number; vector: number };
  seed?: number;
  visibilityDelayMs?: number;
  /** The metadata indexes of every Vectorize index, as FILTERABLE_METADATA has them. */
  filterableMetadata?: readonly string[];
  /** The Workers wrap their bindings (`faulty-api.worker.ts`), so that D1 and KV can be slowed and broken too. */
  breakableBindings?: boolean;
  /** The pause before each token of Workers AI. */
  tokenDelayMs?: number;
}

export interface LocalCloud {
  urls: { cloud: string; redis: string; vector: string };
  /** What clients and Workers need to reach it, by the names they read. */
  env: Record<string, string>;
  close(): Promise<void>;
}

// Loopback only, so no secret; fixed, so that a state and its clients fit together after a restart.
const REDIS_TOKEN = 'local-redis-token';
const VECTOR_TOKEN = 'local-vector-token';
const OPENAI_KEY = 'local-openai-key';
const DEFAULT_SEED = 1;
const DEFAULT_VISIBILITY_DELAY_MS = 300;
export const DEFAULT_FILTERABLE_METADATA = ['lang:string', 'year:number'];

/** Workers AI, an OpenAI-compatible endpoint, Vectorize, Upstash Redis and Upstash Vector on loopback. Throws `PortInUseError`. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { stateDir, embeddingCacheDir, ports, seed = DEFAULT_SEED } = options;
  const {
    visibilityDelayMs = DEFAULT_VISIBILITY_DELAY_MS,
    filterableMetadata: filterable = DEFAULT_FILTERABLE_METADATA,
    breakableBindings = false,
  } = options;
  const clock = systemClock;
  const gate = createFaultGate({ clock, seed, wait: waitOnTimer });
  const embeddings = createEmbeddingPool({ embeddingCacheDir });
  const ai = createAiService({
    ...{ embeddings, clock, seed },
    ...(options.tokenDelayMs !== undefined && { tokenDelayMs: options.tokenDelayMs }),
  });
  const openai = createOpenAiService({ embeddings, key: OPENAI_KEY, clock, seed });
  const redis = createRedisService({ stateDir, token: REDIS_TOKEN, clock });
  const vector = createVectorService({
    stateDir,
    token: VECTOR_TOKEN,
    clock,
    dimension: LOCAL_EMBEDDING_DIMENSIONS,
    similarity: 'COSINE',
    embed: (texts) => embeddings.embed(texts),
    embeddingModel: 'local/all-MiniLM-L6-v2',
    visibilityDelayMs,
  });
  const vectorize = createVectorizeService({
    stateDir,
    clock,
    dimensions: LOCAL_EMBEDDING_DIMENSIONS,
    metric: 'cosine',
    visibilityDelayMs,
    metadataIndexes: [...filterableMetadata.parse(filterable)].map(([key, type]) => ({
      property: metadataProperty(key),
      type,
    })),
  });
  const visible = { vectorize, vector };
  const control = createControlService({
    gate,
    clock,
    redis,
    embeddings,
    visible,
    visibilityDelayMs,
    ai,
    breakableBindings,
  });

  const servers: RunningServer[] = [];
  async function open(serveOptions: Omit<ServeOptions, 'gate'>): Promise<RunningServer> {
    const server = await serve({ ...serveOptions, gate });
    servers.push(server);
    return server;
  }

  async function close(): Promise<void> {
    await Promise.all(servers.map((server) => server.close()));
    for (const service of [ai, openai, redis, vector, vectorize]) service.close();
    await embeddings.close();
  }

  try {
    const cloudServer = await open({
      port: ports.cloud,
      routes: [
        { prefix: '/ai', service: ai },
        { prefix: '/openai', service: openai },
        { prefix: '/vectorize', service: vectorize },
        ...BINDING_SERVICES.map((name) => ({ prefix: `/bindings/${name}`, service: createBindingService(name) })),
        { prefix: '/control', handle: control },
      ],
    });
    const redisServer = await open({
      port: ports.redis,
      routes: [{ prefix: '/', service: redis }],
      soleService: 'redis',
    });
    const vectorServer = await open({
      port: ports.vector,
      routes: [{ prefix: '/', service: vector }],
      soleService: 'vector',
    });
    const urls = { cloud: cloudServer.url, redis: redisServer.url, vector: vectorServer.url };
    const env = { ...environmentOf(urls), FILTERABLE_METADATA: filterable.join(',') };
    return { urls, env, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function environmentOf(urls: LocalCloud['urls']): Record<string, string> {
  return {
    LOCAL_CLOUD_URL: urls.cloud,
    // For `openai:LOCAL` in GENERATION_MODELS.
    GENERATOR_LOCAL_URL: `${urls.cloud}/openai/v1`,
    GENERATOR_LOCAL_KEY: OPENAI_KEY,
    GENERATOR_LOCAL_MODEL: OPENAI_MODEL,
    UPSTASH_REDIS_REST_URL: urls.redis,
    UPSTASH_REDIS_REST_TOKEN: REDIS_TOKEN,
    UPSTASH_VECTOR_PRIMARY_URL: urls.vector,
    UPSTASH_VECTOR_PRIMARY_TOKEN: VECTOR_TOKEN,
    UPSTASH_VECTOR_REST_URL: urls.vector,
    UPSTASH_VECTOR_REST_TOKEN: VECTOR_TOKEN,
  };
}
