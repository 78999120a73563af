import type { CacheTallies } from './cache/cache-tallies.ts';
import { createCachedEmbedder } from './cache/create-cached-embedder.ts';
import { EDGE_CACHE } from './cache/edge-answer-store.ts';
import { KV, KV_CIRCUITS } from './cache/kv-answer-store.ts';
import { noteCacheUse, type ServedByCache } from './cache/note-cache-use.ts';
import { similarityThreshold } from './cache/similarity-thresholds.ts';
import { createCaches } from './caches.ts';
import { createCatalog } from './catalog/catalog.ts';
import { createDocumentList, type ListedDocuments } from './catalog/document-list.ts';
import { statusOf } from './catalog/document-record.ts';
import type { DocumentStatus } from './catalog/document-status.ts';
import type { Ingestions } from './catalog/ingestions.ts';
import { createLiveChunks } from './catalog/live-chunks.ts';
import { createLiveness } from './catalog/liveness.ts';
import { createNamespaceStateRecords } from './catalog/namespace-state-records.ts';
import { createNamespaces, type Namespaces } from './catalog/namespaces.ts';
import { createStoreFingerprints } from './catalog/store-fingerprints.ts';
import { type Clock, type StartTimer, startSystemTimer } from './clock.ts';
import { type ApiConfig, type ConfigProblem, parseApiConfig, parseIngestConfig } from './config.ts';
import type { GeneratorConfig } from './generator-config.ts';
import { createGenerators } from './generators.ts';
import { createRateLimiter, type RateLimiter } from './http/rate-limiter.ts';
import { createBackPressure } from './ingest/back-pressure.ts';
import { SOURCES } from './ingest/fetch-source/source-fetcher.ts';
import type { IngestServices, WriteServices } from './ingest/ingest-services.ts';
import type { PlanServices } from './ingest/plan-ingestion.ts';
import { createIsolate, type Env } from './isolate.ts';
import { WORKERS_AI, workersAiCircuit } from './models/workers-ai-binding.ts';
import { createWorkersAiReranker } from './models/workers-ai-reranker.ts';
import type { NamespaceState } from './namespaces/namespace-state.ts';
import { newId } from './new-id.ts';
import type { QueryServices } from './query/query-services.ts';
import { relevanceCalibration } from './query/relevance-floors.ts';
import { deadlineIn } from './resilience/deadline.ts';
import { createDependencies, type Dependencies, type DependencyMap } from './resilience/dependencies.ts';
import type { UpstreamError } from './resilience/upstream-error.ts';
import { type Result, succeed } from './result.ts';
import { LEXICAL } from './retrieval/lexical/lexical-index.ts';
import { type ChunkPosition, readChunkPage } from './retrieval/read-chunk-page.ts';
import { createStoreCircuits } from './retrieval/store-circuits.ts';
import { createStoreStandings } from './retrieval/store-standings.ts';
import { createShared, type Shared } from './shared-services.ts';
import type { IsolateTelemetry } from './telemetry/isolate-telemetry.ts';

/** The parameters of a call whose last one is its deadline, without that. */
type WithoutDeadline<Call extends (...all: never[]) => unknown> =
  Parameters<Call> extends [...infer Asked, unknown] ? Asked : never;

type WaitUntil = (promise: Promise<unknown>) => void;

/** Everything a request of the API Worker may use. */
export interface ApiServices {
  config: ApiConfig;
  clock: Clock;
  startTimer: StartTimer;
  telemetry: IsolateTelemetry;
  bootstrapKey: string;
  readRateLimiter: RateLimiter;
  writeRateLimiter: RateLimiter;
  dependencies: Dependencies;
  query: QueryServices;
  write: WriteServices;
  plan: PlanServices;
  documentStatus(namespace: string, documentId: string): Promise<Result<DocumentStatus | null, UpstreamError>>;
  namespaces: Namespaces;
  listDocuments(
    namespace: string,
    asked: ListedDocuments,
  ): Promise<Result<{ statuses: DocumentStatus[]; next: string | null }, UpstreamError>>;
  documentChunks(
    document: { namespace: string; documentId: string },
    page: { after: ChunkPosition | null; limit: number },
  ): ReturnType<typeof readChunkPage>;
  readIngestion(...asked: WithoutDeadline<Ingestions['read']>): ReturnType<Ingestions['read']>;
  namespaceExists(namespace: string): Promise<Result<boolean, UpstreamError>>;
  cacheTallies: Readonly<CacheTallies>;
  /** `null` while similar questions are off: the embedding model is not calibrated. */
  similarityThreshold: number | null;
  /** `null` while nothing is refused for its passages: the embedding model is not calibrated. */
  relevanceFloor: number | null;
  noteCacheUse(namespace: string, use: ServedByCache): void;
  /** `null` when there is no such namespace. */
  purgeCache(namespace: string): Promise<Result<NamespaceState | null, UpstreamError>>;
}

/** What the API Worker keeps from request to request; its telemetry is there even when no services are. */
export interface ApiIsolate {
  telemetry: IsolateTelemetry;
  createServices: CreateApiServices;
}

export type CreateApiServices = (env: Env, waitUntil: WaitUntil) => Result<ApiServices, ConfigProblem[]>;
export type CreateIngestServices = (env: Env, waitUntil: WaitUntil) => Result<IngestServices, ConfigProblem[]>;

/** The API Worker's services, put together anew for each request from bindings that cost nothing to wrap. */
export function createApiIsolate(tracing?: Tracing): ApiIsolate {
  const isolate = createIsolate(parseApiConfig, tracing);
  const createServices: CreateApiServices = (env, waitUntil) => {
    const parsed = isolate.config(env);
    if (!parsed.ok) return parsed;
    const config = parsed.value;
    const shared = createShared(isolate, config, env, waitUntil);
    const { clock, telemetry, bindings, catalogDatabase, callUpstream } = shared;
    const common = { clock, telemetry, callUpstream: shared.callPlatform };
    const catalog = createCatalog(catalogDatabase, config.defaultQuotas);
    const namespaces = createNamespaces(catalogDatabase, config.defaultQuotas);
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
      startTimer: startSystemTimer,
      telemetry,
      bootstrapKey: config.BOOTSTRAP_KEY,
      readRateLimiter: createRateLimiter({ name: 'reads', binding: bindings.READ_RATE_LIMITER, ...common }),
      writeRateLimiter: createRateLimiter({ name: 'writes', binding: bindings.WRITE_RATE_LIMITER, ...common }),
      // Put together when asked for: no question needs them.
      get dependencies() {
        const { circuits } = isolate.upstream;
        return createDependencies(dependencyMap(config), circuits, shared.flags, standings.isDemoted);
      },
      query: {
        clock,
        telemetry,
        newId,
        defer: shared.defer,
        standings,
        circuits: createStoreCircuits(isolate.upstream.circuits, shared.flags),
        wait,
        ...createCaches(config, isolate, shared),
        requestTimeoutMs: config.REQUEST_DEADLINE_MS,
        streamTimeoutMs: config.STREAM_DEADLINE_MS,
        ...createJudgement(config, shared),
        contextTokens: config.CONTEXT_TOKENS,
        answerTokens: config.ANSWER_TOKENS,
        vectorStores: shared.createVectorStores(config.VECTOR_TIMEOUT_MS, config.FILTERABLE_METADATA),
        lexicalIndex: shared.lexicalIndex,
        liveness: createLiveness(catalogDatabase),
        namespaceStates: shared.namespaceStates,
        reranker:
          config.RERANKER_MODEL === null
            ? null
            : createWorkersAiReranker({
                ai: bindings.AI,
                model: config.RERANKER_MODEL,
                callUpstream,
                timeoutMs: config.RERANK_TIMEOUT_MS,
              }),
        ...createGenerators(config, shared, isolate.generationBudget),
      },
      // Put together when asked for: few requests need them.
      get plan() {
        return {
          clock,
          telemetry,
          catalog,
          wait,
          turn: isolate.planTurn,
          sources: shared.createSourceFetcher(),
          converter: shared.createConverter(),
          settings: {
            model: config.embeddingModel,
            chunking: config.chunking,
            storeNames,
            fingerprint: shared.fingerprint,
            maxConvertedCharacters: config.MAX_CONVERTED_CHARACTERS,
            planDeadlineMs: config.MANY_DOCUMENTS_DEADLINE_MS,
          },
        };
      },
      write: {
        clock,
        telemetry,
        catalog,
        namespaceStates: shared.namespaceStates,
        newId,
        wait,
        random: Math.random,
        objects: shared.objects,
        queue: shared.queue,
        backPressure: createBackPressure({
          ...{ clock, telemetry, defer: shared.defer, queue: shared.queue, unfinished: catalog.unfinished },
          memory: isolate.backlog,
          maxMessages: config.MAX_QUEUE_BACKLOG,
          maxAgeMs: config.MAX_QUEUE_AGE_MS,
        }),
        settings: { storeNames, fingerprint: shared.fingerprint, writeDeadlineMs: config.REQUEST_DEADLINE_MS },
      },
      async documentStatus(namespace, documentId) {
        const found = await catalog.documents.find(namespace, documentId, catalogDeadline());
        if (!found.ok) return found;
        return succeed(found.value === null ? null : statusOf(found.value, storeNames));
      },
      namespaces,
      namespaceExists: (namespace) => namespaces.exists(namespace, catalogDeadline()),
      async listDocuments(namespace, asked) {
        const page = await createDocumentList(catalogDatabase).page(namespace, asked, catalogDeadline());
        if (!page.ok) return page;
        const statuses = page.value.records.map((record) => statusOf(record, storeNames));
        return succeed({ statuses, next: page.value.next });
      },
      documentChunks: (document, page) => {
        const sources = { liveChunks: createLiveChunks(catalogDatabase), lexicalIndex: shared.lexicalIndex };
        return readChunkPage(sources, document, page, deadlineIn(clock, config.REQUEST_DEADLINE_MS));
      },
      readIngestion: (...asked) => catalog.ingestions.read(...asked, catalogDeadline()),
      cacheTallies: isolate.cacheTallies,
      similarityThreshold: similarityThreshold(config.embeddingModel),
      relevanceFloor: relevanceCalibration(config.embeddingModel)?.floor ?? null,
      noteCacheUse: (namespace, use) => noteCacheUse({ tallies: isolate.cacheTallies, telemetry }, namespace, use),
      async purgeCache(namespace) {
        const purged = await createNamespaceStateRecords(catalogDatabase).purge(namespace, catalogDeadline());
        if (purged.ok && purged.value !== null) {
          await shared.namespaceStates.publish(namespace, catalogDeadline(), purged.value);
        }
        return purged;
      },
    });
  };
  return { telemetry: isolate.telemetry, createServices };
}

/** What tells whether passages answer a question, and an answer says what they say. Off for a model nobody calibrated. */
function createJudgement(config: ApiConfig, shared: Shared): Pick<QueryServices, 'relevance' | 'claims'> {
  const relevance = relevanceCalibration(config.embeddingModel);
  if (relevance === null) return { relevance, claims: null };
  const embedder = shared.createEmbedder(config.EMBEDDING_TIMEOUT_MS);
  return { relevance, claims: { embedder, minCosine: relevance.minClaimCosine } };
}

const wait = (ms: number) => scheduler.wait(ms);

/** The ingestion Worker's services, for one batch of messages or one sweep. */
export function createIngestIsolate(tracing?: Tracing): CreateIngestServices {
  const isolate = createIsolate(parseIngestConfig, tracing);
  const matchingStores = new Set<string>();
  return (env, waitUntil) => {
    const parsed = isolate.config(env);
    if (!parsed.ok) return parsed;
    const config = parsed.value;
    // Nobody waits for ingestion: its statements carry whole documents' chunks and get the time of a write, and what a
    // slow cache knows need not be paid again.
    const patient = {
      ...config,
      CATALOG_TIMEOUT_MS: config.WRITE_TIMEOUT_MS,
      CACHE_READ_TIMEOUT_MS: config.CACHE_WRITE_TIMEOUT_MS,
    };
    const shared = createShared(isolate, patient, env, waitUntil);
    return succeed({
      clock: shared.clock,
      telemetry: shared.telemetry,
      catalog: createCatalog(shared.catalogDatabase, config.defaultQuotas),
      namespaceStates: shared.namespaceStates,
      newId,
      objects: shared.objects,
      queue: shared.queue,
      sources: shared.createSourceFetcher(),
      converter: shared.createConverter(),
      embedder: createCachedEmbedder({
        clock: shared.clock,
        telemetry: shared.telemetry,
        defer: shared.defer,
        embedder: shared.createEmbedder(config.INGEST_EMBEDDING_TIMEOUT_MS),
        store: shared.redis,
        readTimeoutMs: patient.CACHE_READ_TIMEOUT_MS,
        writeTimeoutMs: config.CACHE_WRITE_TIMEOUT_MS,
      }),
      // Only questions filter.
      stores: shared.createVectorStores(config.VECTOR_TIMEOUT_MS, new Map()),
      storeFingerprints: createStoreFingerprints({
        database: shared.catalogDatabase,
        own: shared.fingerprint,
        matching: matchingStores,
        clock: shared.clock,
      }),
      lexicalIndex: shared.lexicalIndex,
      lexicalContents: shared.createLexicalContents(),
      objectListing: shared.createObjectListing(),
      wait,
      random: Math.random,
      settings: {
        chunking: config.chunking,
        maxBatchBytes: config.INGEST_BATCH_BYTES,
        leaseMs: config.LEASE_MS,
        confirmBudgetMs: config.CONFIRM_BUDGET_MS,
        requeueAfterMs: config.REQUEUE_AFTER_MS,
        maxAttempts: config.MAX_ATTEMPTS,
        maxConvertedCharacters: config.MAX_CONVERTED_CHARACTERS,
        sweepLimit: config.SWEEP_LIMIT,
        reconcileIntervalMs: config.RECONCILE_INTERVAL_MS,
        maxDifference: config.RECONCILE_MAX_DIFFERENCE,
        orphanAgeMs: config.RECONCILE_ORPHAN_AGE_MS,
      },
    });
  };
}

// Under the names their adapters call them by.
function dependencyMap(config: ApiConfig): DependencyMap {
  const vectorStores = config.vectorStores.map(({ name }) => name);
  const embeddingStores = config.vectorStores.flatMap((store) =>
    store.vendor === 'upstash' && store.hostsModel ? [store.name] : [],
  );
  const embedding = workersAiCircuit(config.embeddingModel.name);
  const rerankers = config.RERANKER_MODEL === null ? [] : [workersAiCircuit(config.RERANKER_MODEL)];
  const namesOf = (vendor: GeneratorConfig['vendor']) =>
    config.generators.flatMap((generator) => (generator.vendor === vendor ? [generator.name] : []));
  const platform = ['catalog', 'redis', KV, EDGE_CACHE, 'documents', 'queue', SOURCES];
  const names = [...vectorStores, LEXICAL, ...platform, ...namesOf('openai')];
  return {
    circuits: {
      ...Object.fromEntries(names.map((name) => [name, name === KV ? KV_CIRCUITS : [name]])),
      [WORKERS_AI]: [embedding, ...rerankers, ...namesOf('workers-ai').map(workersAiCircuit)],
    },
    legs: { lexical: LEXICAL, embedding, vectorStores, embeddingStores },
  };
}
