import { createRedisCacheStore, REDIS } from './cache/redis-cache-store.ts';
import { createRedisCounterStore } from './cache/redis-counter-store.ts';
import { createRedisFieldStore } from './cache/redis-field-store.ts';
import { createCatalogDatabase } from './catalog/catalog-database.ts';
import { createNamespaceStateRecords } from './catalog/namespace-state-records.ts';
import type { Clock } from './clock.ts';
import type { ApiConfig, IngestConfig, VectorStoreConfig } from './config.ts';
import { createGuardedUpstream } from './guarded-upstream.ts';
import { watchBacklog } from './ingest/back-pressure.ts';
import { chunkerTag } from './ingest/chunker-version.ts';
import { createDocumentObjects } from './ingest/document-objects.ts';
import { createSourceFetcher } from './ingest/fetch-source/source-fetcher.ts';
import { createIngestQueue } from './ingest/ingest-queue.ts';
import { createObjectListing } from './ingest/object-listing.ts';
import type { Env, Isolate } from './isolate.ts';
import type { WorkersAiBinding } from './models/workers-ai-binding.ts';
import { createWorkersAiConverter } from './models/workers-ai-converter.ts';
import { createWorkersAiEmbedder } from './models/workers-ai-embedder.ts';
import { createNamespaceStates } from './namespaces/namespace-states.ts';
import type { CallUpstream } from './resilience/call-upstream.ts';
import type { FilterableMetadata } from './retrieval/filters/filterable-metadata.ts';
import { fingerprintOf } from './retrieval/fingerprint.ts';
import { createLexicalContents } from './retrieval/lexical/lexical-contents.ts';
import { createLexicalIndex } from './retrieval/lexical/lexical-index.ts';
import { createUpstashStore } from './retrieval/upstash-store.ts';
import type { VectorStore } from './retrieval/vector-store.ts';
import { createVectorizeStore, type VectorizeBinding } from './retrieval/vectorize-store.ts';
import { createDefer } from './telemetry/defer.ts';
import type { IsolateTelemetry } from './telemetry/isolate-telemetry.ts';

type WaitUntil = (promise: Promise<unknown>) => void;

// Read beside a question: a slow catalog is no reason to wait longer.
const STATE_RECORDS_TIMEOUT_MS = 300;

interface Bindings {
  AI: WorkersAiBinding;
  CATALOG_DB: D1Database;
  LEXICAL_DB: D1Database;
  DOCUMENTS: R2Bucket;
  INGEST_QUEUE: Queue;
  READ_RATE_LIMITER: RateLimit;
  WRITE_RATE_LIMITER: RateLimit;
  ANSWERS: KVNamespace;
}

export type Shared = ReturnType<typeof createShared>;

/** What both Workers use, over the bindings of one invocation. */
export function createShared(
  isolate: Pick<Isolate<unknown>, 'clock' | 'telemetry' | 'upstream' | 'namespaces' | 'backlog'>,
  config: ApiConfig | IngestConfig,
  env: Env,
  waitUntil: WaitUntil,
) {
  const { clock, telemetry, upstream } = isolate;
  const bindings = bindingsOf(env);
  const defer = createDefer(waitUntil, telemetry);
  const common = { clock, telemetry, defer };
  const { callUpstream, callPlatform, flags } = createGuardedUpstream(upstream, common, config, bindings.CATALOG_DB);
  const { CACHE_READ_TIMEOUT_MS: readTimeoutMs, CACHE_WRITE_TIMEOUT_MS: cacheWriteTimeoutMs } = config;
  const { WRITE_TIMEOUT_MS: writeTimeoutMs } = config;
  const redisOptions = {
    url: config.UPSTASH_REDIS_REST_URL,
    token: config.UPSTASH_REDIS_REST_TOKEN,
    callUpstream,
    readTimeoutMs,
    writeTimeoutMs: cacheWriteTimeoutMs,
  };
  const redis = createRedisCacheStore(redisOptions);
  const catalogDatabase = createCatalogDatabase({
    db: bindings.CATALOG_DB,
    callUpstream,
    timeoutMs: config.CATALOG_TIMEOUT_MS,
  });
  const fingerprint = fingerprintOf(config.embeddingModel, chunkerTag(config.chunking));
  return {
    clock,
    telemetry,
    defer,
    bindings,
    callUpstream,
    callPlatform,
    flags,
    fingerprint,
    redis,
    createRedisCounters: () => createRedisCounterStore(redisOptions),
    createRedisFields: () => createRedisFieldStore(redisOptions),
    catalogDatabase,
    namespaceStates: createNamespaceStates({
      known: isolate.namespaces,
      cache: redis,
      // Its own timeout, not a deadline only: a catalog that never answers in it is down.
      records: createNamespaceStateRecords(
        createCatalogDatabase({ db: bindings.CATALOG_DB, callUpstream, timeoutMs: STATE_RECORDS_TIMEOUT_MS }),
      ),
      patientRecords: createNamespaceStateRecords(catalogDatabase),
      // Orders are read whatever they are; what comes along obeys them, and the breaker.
      orders: {
        readWith: (keys) => {
          const isUsable = !flags.isIsolated(REDIS) && upstream.circuits.rejection(REDIS) === null;
          return isUsable ? flags.readWith(keys) : null;
        },
      },
      clock,
      defer,
      refreshMs: config.NAMESPACE_STATE_REFRESH_MS,
      trustMs: config.NAMESPACE_STATE_TRUST_MS,
      cacheTimeoutMs: readTimeoutMs,
      recordsTimeoutMs: STATE_RECORDS_TIMEOUT_MS,
    }),
    lexicalIndex: createLexicalIndex({
      db: bindings.LEXICAL_DB,
      callUpstream,
      searchTimeoutMs: config.LEXICAL_TIMEOUT_MS,
      writeTimeoutMs,
    }),
    objects: createDocumentObjects({ bucket: bindings.DOCUMENTS, callUpstream, timeoutMs: writeTimeoutMs }),
    queue: watchBacklog(
      createIngestQueue({ queue: bindings.INGEST_QUEUE, callUpstream, timeoutMs: writeTimeoutMs }),
      isolate.backlog,
      clock,
    ),
    createLexicalContents: () =>
      createLexicalContents({ db: bindings.LEXICAL_DB, callUpstream, timeoutMs: writeTimeoutMs }),
    createObjectListing: () =>
      createObjectListing({ bucket: bindings.DOCUMENTS, callUpstream, timeoutMs: writeTimeoutMs }),
    createSourceFetcher: () =>
      createSourceFetcher({
        callUpstream,
        clock,
        policy: config.sourcePolicy,
        timeoutMs: config.SOURCE_TIMEOUT_MS,
        maxBytes: config.MAX_SOURCE_BYTES,
      }),
    createConverter: () =>
      createWorkersAiConverter({ ai: bindings.AI, callUpstream, timeoutMs: config.CONVERT_TIMEOUT_MS }),
    createEmbedder: (timeoutMs: number) =>
      createWorkersAiEmbedder({ ai: bindings.AI, model: config.embeddingModel, callUpstream, timeoutMs }),
    createVectorStores: (queryTimeoutMs: number, filterable: FilterableMetadata) =>
      config.vectorStores.map((store) =>
        createVectorStore(store, env, {
          fingerprint,
          clock,
          telemetry,
          callUpstream,
          queryTimeoutMs,
          writeTimeoutMs,
          filterable,
        }),
      ),
  };
}

function createVectorStore(
  store: VectorStoreConfig,
  env: Env,
  common: {
    fingerprint: string;
    clock: Clock;
    telemetry: IsolateTelemetry;
    callUpstream: CallUpstream;
    queryTimeoutMs: number;
    writeTimeoutMs: number;
    filterable: FilterableMetadata;
  },
): VectorStore {
  if (store.vendor === 'upstash') return createUpstashStore({ ...common, ...store });
  // The configuration was refused if this were no binding; which kind it is, only wrangler.toml says.
  const index = env[store.binding] as VectorizeBinding;
  return createVectorizeStore({ ...common, name: store.name, index });
}

// The configuration was refused if one were absent; their types are what wrangler.toml declares.
function bindingsOf(env: Env): Bindings {
  return env as unknown as Bindings;
}
