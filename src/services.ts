import { ulid } from 'ulid';
import { createCachedEmbedder } from './cache/create-cached-embedder.ts';
import { createRedisCacheStore } from './cache/redis-cache-store.ts';
import { createCatalog } from './catalog/catalog.ts';
import { createCatalogDatabase } from './catalog/catalog-database.ts';
import { statusOf } from './catalog/document-record.ts';
import type { DocumentStatus } from './catalog/document-status.ts';
import { createLiveness } from './catalog/liveness.ts';
import { createNamespaces } from './catalog/namespaces.ts';
import { type Clock, systemClock } from './clock.ts';
import {
  type ApiConfig,
  type ConfigProblem,
  type IngestConfig,
  parseApiConfig,
  parseIngestConfig,
  type VectorStoreConfig,
} from './config.ts';
import { createGuardedUpstream, createUpstreamMemory, type UpstreamMemory } from './guarded-upstream.ts';
import { createRateLimiter, type RateLimiter } from './http/rate-limiter.ts';
import { createDocumentObjects } from './ingest/document-objects.ts';
import { createIngestQueue } from './ingest/ingest-queue.ts';
import type { IngestServices, WriteServices } from './ingest/ingest-services.ts';
import { WORKERS_AI, type WorkersAiBinding, workersAiCircuit } from './models/workers-ai-binding.ts';
import { createWorkersAiEmbedder } from './models/workers-ai-embedder.ts';
import { createWorkersAiGenerator } from './models/workers-ai-generator.ts';
import { createWorkersAiReranker } from './models/workers-ai-reranker.ts';
import type { QueryServices } from './query/query-services.ts';
import type { CallUpstream } from './resilience/call-upstream.ts';
import { deadlineIn } from './resilience/deadline.ts';
import { createDependencies, type Dependencies, type DependencyMap } from './resilience/dependencies.ts';
import type { UpstreamError } from './resilience/upstream-error.ts';
import { type Result, succeed } from './result.ts';
import type { FilterableMetadata } from './retrieval/filters/filterable-metadata.ts';
import { createLexicalIndex, LEXICAL } from './retrieval/lexical/lexical-index.ts';
import { createStandingsMemory, createStoreStandings, type StandingsMemory } from './retrieval/store-standings.ts';
import { createUpstashStore } from './retrieval/upstash-store.ts';
import type { VectorStore } from './retrieval/vector-store.ts';
import { createVectorizeStore, type VectorizeBinding } from './retrieval/vectorize-store.ts';
import { createDefer, type Defer } from './telemetry/defer.ts';
import { createIsolateTelemetry, type IsolateTelemetry, type Severity } from './telemetry/isolate-telemetry.ts';

type Env = Record<string, unknown>;
type WaitUntil = (promise: Promise<unknown>) => void;

/** Everything a request of the API Worker may use. */
export interface ApiServices {
  config: ApiConfig;
  clock: Clock;
  telemetry: IsolateTelemetry;
  bootstrapKey: string;
  readRateLimiter: RateLimiter;
  writeRateLimiter: RateLimiter;
  dependencies: Dependencies;
  query: QueryServices;
  write: WriteServices;
  documentStatus(namespace: string, documentId: string): Promise<Result<DocumentStatus | null, UpstreamError>>;
  namespaceExists(namespace: string): Promise<Result<boolean, UpstreamError>>;
}

/** What the API Worker keeps from request to request; its telemetry is there even when no services are. */
export interface ApiIsolate {
  telemetry: IsolateTelemetry;
  createServices: CreateApiServices;
}

export type CreateApiServices = (env: Env, waitUntil: WaitUntil) => Result<ApiServices, ConfigProblem[]>;
export type CreateIngestServices = (env: Env, waitUntil: WaitUntil) => Result<IngestServices, ConfigProblem[]>;

function writeToLog(line: string, severity: Severity): void {
  if (severity === 'error') console.error(line);
  else if (severity === 'warning') console.warn(line);
  else console.log(line);
}

interface Bindings {
  AI: WorkersAiBinding;
  CATALOG_DB: D1Database;
  LEXICAL_DB: D1Database;
  DOCUMENTS: R2Bucket;
  INGEST_QUEUE: Queue;
  READ_RATE_LIMITER: RateLimit;
  WRITE_RATE_LIMITER: RateLimit;
}

/**
 * What lives as long as an isolate: its counts, what it knows of its dependencies, its reading of the configuration.
 * Never another request's work.
 */
interface Isolate<Config> {
  clock: Clock;
  telemetry: IsolateTelemetry;
  upstream: UpstreamMemory;
  standings: StandingsMemory;
  config(env: Env): Result<Config, ConfigProblem[]>;
}

function createIsolate<Config>(
  parse: (env: Env) => Result<Config, ConfigProblem[]>,
  tracing: Tracing | undefined,
): Isolate<Config> {
  const telemetry = createIsolateTelemetry(writeToLog);
  let parsed: Result<Config, ConfigProblem[]> | null = null;
  const common = { clock: systemClock, telemetry };
  return {
    ...common,
    upstream: createUpstreamMemory({ ...common, tracing }),
    standings: createStandingsMemory(),
    config(env) {
      parsed ??= parse(env);
      if (!parsed.ok) telemetry.emit({ event: 'config.invalid', keys: keysOf(parsed.error) });
      return parsed;
    },
  };
}

function keysOf(problems: ConfigProblem[]): string[] {
  return [...new Set(problems.map(({ key }) => key))];
}

/** The API Worker's services, put together anew for each request from bindings that cost nothing to wrap. */
export function createApiIsolate(tracing?: Tracing): ApiIsolate {
  const isolate = createIsolate(parseApiConfig, tracing);
  const createServices: CreateApiServices = (env, waitUntil) => {
    const parsed = isolate.config(env);
    if (!parsed.ok) return parsed;
    const config = parsed.value;
    const shared = createShared(isolate, config, env, waitUntil);
    const { clock, telemetry, bindings, catalogDatabase, callUpstream } = shared;
    const common = { clock, telemetry, callUpstream };
    const catalog = createCatalog(catalogDatabase);
    const storeNames = config.vectorStores.map(({ name }) => name);
    const standings = createStoreStandings({
      clock,
      telemetry,
      memory: isolate.standings,
      minHedgeDelayMs: config.HEDGE_MIN_DELAY_MS,
    });
    const catalogDeadline = () => deadlineIn(clock, config.CATALOG_TIMEOUT_MS);
    return succeed({
      config,
      clock,
      telemetry,
      bootstrapKey: config.BOOTSTRAP_KEY,
      readRateLimiter: createRateLimiter({ name: 'reads', binding: bindings.READ_RATE_LIMITER, ...common }),
      writeRateLimiter: createRateLimiter({ name: 'writes', binding: bindings.WRITE_RATE_LIMITER, ...common }),
      dependencies: createDependencies(
        dependencyMap(config),
        isolate.upstream.circuits,
        shared.flags,
        standings.isDemoted,
      ),
      query: {
        clock,
        telemetry,
        newId: ulid,
        defer: shared.defer,
        standings,
        requestTimeoutMs: config.REQUEST_DEADLINE_MS,
        contextTokens: config.CONTEXT_TOKENS,
        answerTokens: config.ANSWER_TOKENS,
        embedder: shared.createEmbedder(config.EMBEDDING_TIMEOUT_MS),
        vectorStores: shared.createVectorStores(config.VECTOR_TIMEOUT_MS, config.FILTERABLE_METADATA),
        lexicalIndex: shared.lexicalIndex,
        liveness: createLiveness(catalogDatabase),
        reranker:
          config.RERANKER_MODEL === null
            ? null
            : createWorkersAiReranker({
                ai: bindings.AI,
                model: config.RERANKER_MODEL,
                callUpstream,
                timeoutMs: config.RERANK_TIMEOUT_MS,
              }),
        generators: config.GENERATION_MODELS.map((model) =>
          createWorkersAiGenerator({ ai: bindings.AI, model, callUpstream, timeoutMs: config.GENERATION_TIMEOUT_MS }),
        ),
      },
      write: {
        clock,
        telemetry,
        catalog,
        newId: ulid,
        wait,
        random: Math.random,
        objects: shared.objects,
        queue: shared.queue,
        settings: { storeNames, writeDeadlineMs: config.REQUEST_DEADLINE_MS },
      },
      async documentStatus(namespace, documentId) {
        const found = await catalog.documents.find(namespace, documentId, catalogDeadline());
        if (!found.ok) return found;
        return succeed(found.value === null ? null : statusOf(found.value, storeNames));
      },
      namespaceExists: (namespace) => createNamespaces(catalogDatabase).exists(namespace, catalogDeadline()),
    });
  };
  return { telemetry: isolate.telemetry, createServices };
}

const wait = (ms: number) => scheduler.wait(ms);

/** The ingestion Worker's services, for one batch of messages or one sweep. */
export function createIngestIsolate(tracing?: Tracing): CreateIngestServices {
  const isolate = createIsolate(parseIngestConfig, tracing);
  return (env, waitUntil) => {
    const parsed = isolate.config(env);
    if (!parsed.ok) return parsed;
    const config = parsed.value;
    // Nobody waits for ingestion: its statements carry whole documents' chunks and get the time of a write.
    const shared = createShared(isolate, { ...config, CATALOG_TIMEOUT_MS: config.WRITE_TIMEOUT_MS }, env, waitUntil);
    return succeed({
      clock: shared.clock,
      telemetry: shared.telemetry,
      catalog: createCatalog(shared.catalogDatabase),
      newId: ulid,
      objects: shared.objects,
      queue: shared.queue,
      embedder: shared.createEmbedder(config.INGEST_EMBEDDING_TIMEOUT_MS),
      // Only questions filter.
      stores: shared.createVectorStores(config.VECTOR_TIMEOUT_MS, new Map()),
      lexicalIndex: shared.lexicalIndex,
      wait,
      random: Math.random,
      settings: {
        leaseMs: config.LEASE_MS,
        confirmBudgetMs: config.CONFIRM_BUDGET_MS,
        requeueAfterMs: config.REQUEUE_AFTER_MS,
        maxAttempts: config.MAX_ATTEMPTS,
        sweepLimit: config.SWEEP_LIMIT,
      },
    });
  };
}

function createShared(
  { clock, telemetry, upstream }: Pick<Isolate<unknown>, 'clock' | 'telemetry' | 'upstream'>,
  config: ApiConfig | IngestConfig,
  env: Env,
  waitUntil: WaitUntil,
) {
  const bindings = bindingsOf(env);
  const defer = createDefer(waitUntil, telemetry);
  const common = { clock, telemetry, defer };
  const { callUpstream, flags } = createGuardedUpstream(upstream, common, config, bindings.CATALOG_DB);
  const writeTimeoutMs = config.WRITE_TIMEOUT_MS;
  return {
    clock,
    telemetry,
    defer,
    bindings,
    callUpstream,
    flags,
    catalogDatabase: createCatalogDatabase({
      db: bindings.CATALOG_DB,
      callUpstream,
      timeoutMs: config.CATALOG_TIMEOUT_MS,
    }),
    lexicalIndex: createLexicalIndex({
      db: bindings.LEXICAL_DB,
      callUpstream,
      searchTimeoutMs: config.LEXICAL_TIMEOUT_MS,
      writeTimeoutMs,
    }),
    objects: createDocumentObjects({ bucket: bindings.DOCUMENTS, callUpstream, timeoutMs: writeTimeoutMs }),
    queue: createIngestQueue({ queue: bindings.INGEST_QUEUE, callUpstream, timeoutMs: writeTimeoutMs }),
    createEmbedder: (timeoutMs: number) => createEmbedder(config, bindings, { ...common, callUpstream }, timeoutMs),
    createVectorStores: (queryTimeoutMs: number, filterable: FilterableMetadata) =>
      config.vectorStores.map((store) =>
        createVectorStore(store, env, { clock, telemetry, callUpstream, queryTimeoutMs, writeTimeoutMs, filterable }),
      ),
  };
}

function createEmbedder(
  config: ApiConfig | IngestConfig,
  bindings: Bindings,
  common: { clock: Clock; telemetry: IsolateTelemetry; callUpstream: CallUpstream; defer: Defer },
  timeoutMs: number,
) {
  const { callUpstream } = common;
  const { CACHE_READ_TIMEOUT_MS: readTimeoutMs, WRITE_TIMEOUT_MS: writeTimeoutMs } = config;
  const store = createRedisCacheStore({
    url: config.UPSTASH_REDIS_REST_URL,
    token: config.UPSTASH_REDIS_REST_TOKEN,
    callUpstream,
    readTimeoutMs,
    writeTimeoutMs,
  });
  const embedder = createWorkersAiEmbedder({ ai: bindings.AI, model: config.embeddingModel, callUpstream, timeoutMs });
  return createCachedEmbedder({ ...common, embedder, store, readTimeoutMs, writeTimeoutMs });
}

function createVectorStore(
  store: VectorStoreConfig,
  env: Env,
  common: {
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

// Under the names their adapters call them by.
function dependencyMap(config: ApiConfig): DependencyMap {
  const vectorStores = config.vectorStores.map(({ name }) => name);
  const embeddingStores = config.vectorStores.flatMap((store) =>
    store.vendor === 'upstash' && store.hostsModel ? [store.name] : [],
  );
  const embedding = workersAiCircuit(config.embeddingModel.name);
  const rerankers = config.RERANKER_MODEL === null ? [] : [workersAiCircuit(config.RERANKER_MODEL)];
  const single = [...vectorStores, LEXICAL, 'catalog', 'redis', 'documents', 'queue'];
  return {
    circuits: {
      ...Object.fromEntries(single.map((name) => [name, [name]])),
      [WORKERS_AI]: [embedding, ...rerankers, ...config.GENERATION_MODELS.map(workersAiCircuit)],
    },
    legs: { lexical: LEXICAL, embedding, vectorStores, embeddingStores },
  };
}

// The configuration was refused if one were absent; their types are what wrangler.toml declares.
function bindingsOf(env: Env): Bindings {
  return env as unknown as Bindings;
}
