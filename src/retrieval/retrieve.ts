import type { CachedEmbedder, CachedEmbeddings, CacheMode, CacheOutcome } from '../cache/cached-embedder.ts';
import type { Clock } from '../clock.ts';
import type { Reranker } from '../models/reranker.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import { limitPerDocument } from './arrange-chunks.ts';
import { type Degradation, degradedBy } from './degradation.ts';
import type { MetadataFilter } from './filters/metadata-filter.ts';
import { LEXICAL, type LexicalIndex } from './lexical/lexical-index.ts';
import type { Liveness } from './liveness.ts';
import { type RankedChunk, rankChunks } from './rank-chunks.ts';
import { type RerankUse, rerankChunks } from './rerank-chunks.ts';
import { searchVectorStores } from './vector-search.ts';
import type { VectorMatch, VectorStore } from './vector-store.ts';

export const RETRIEVAL_MODES = ['hybrid', 'vector', 'lexical'] as const;
export type RetrievalMode = (typeof RETRIEVAL_MODES)[number];

export interface RetrievalServices {
  clock: Clock;
  embedder: CachedEmbedder;
  /** In the order they are asked. */
  vectorStores: readonly VectorStore[];
  lexicalIndex: Pick<LexicalIndex, 'search'>;
  liveness: Liveness;
  reranker: Reranker | null;
}

export interface RetrievalRequest {
  namespace: string;
  question: string;
  topK: number;
  mode: RetrievalMode;
  cache: CacheMode;
  filter: MetadataFilter | null;
  /** Most passages of one document. */
  maxPerDocument: number | null;
}

export interface Retrieved {
  /** Best first, all alive as far as could be asked, at most `topK`. */
  chunks: RankedChunk[];
  /** The vector store that answered, else `lexical`. */
  servedBy: string;
  embeddingCache: CacheOutcome;
  degraded: Degradation[];
  timings: { embeddingMs: number | null; retrievalMs: number };
  usage: {
    embeddingTokens: number;
    estimated: boolean;
    vectorStore: string | null;
    rowsRead: number;
    rerank: RerankUse | null;
  };
}

export interface RetrievalFailure {
  errors: UpstreamError[];
  degraded: Degradation[];
}

// What Vectorize returns with full metadata at most. Far more than topK, so that enough is left when the dead are dropped.
const CANDIDATES_PER_LEG = 50;

interface VectorLeg {
  matches: VectorMatch[] | null;
  store: string | null;
  embedding: CachedEmbeddings | null;
  embeddingCache: CacheOutcome;
  embeddingMs: number;
  errors: UpstreamError[];
  degraded: Degradation[];
}

/** The passages nearest to the question by meaning and by words, fused; fails only when every leg asked for failed. */
export async function retrieve(
  services: RetrievalServices,
  request: RetrievalRequest,
  deadline: Deadline,
): Promise<Result<Retrieved, RetrievalFailure>> {
  const startedAtMs = services.clock.nowMs();
  const { namespace, question, filter } = request;
  const [vector, lexical] = await Promise.all([
    request.mode === 'lexical' ? null : searchByVector(services, request, deadline),
    request.mode === 'vector'
      ? null
      : services.lexicalIndex.search({ namespace, question, limit: candidatesFor(request), filter }, deadline),
  ]);

  const degraded = [...(vector?.degraded ?? [])];
  if (lexical?.ok === false) degraded.push(degradedBy(`retrieval:${LEXICAL}`, lexical.error));
  const lexicalMatches = lexical?.ok ? lexical.value : null;
  const vectorMatches = vector?.matches ?? null;
  if (vectorMatches === null && lexicalMatches === null) {
    const errors = [...(vector?.errors ?? []), ...(lexical?.ok === false ? [lexical.error] : [])];
    return fail({ errors, degraded });
  }

  const ranked = rankChunks(vectorMatches ?? [], lexicalMatches?.matches ?? []);
  const alive = await dropDead(services.liveness, namespace, ranked, deadline);
  const reranked = await rerankChunks(services.reranker, question, alive.chunks, deadline);
  return succeed({
    chunks: limitPerDocument(reranked.chunks, request.maxPerDocument).slice(0, request.topK),
    servedBy: vector?.store ?? LEXICAL,
    embeddingCache: vector?.embeddingCache ?? 'bypass',
    degraded: [...degraded, ...alive.degraded, ...reranked.degraded],
    timings: {
      embeddingMs: vector?.embeddingMs ?? null,
      retrievalMs: services.clock.nowMs() - startedAtMs,
    },
    usage: {
      embeddingTokens: vector?.embedding?.tokens ?? 0,
      estimated: vector?.embedding?.estimated ?? false,
      vectorStore: vector?.store ?? null,
      rowsRead: (lexicalMatches?.rowsRead ?? 0) + alive.rowsRead,
      rerank: reranked.use,
    },
  });
}

async function searchByVector(
  { clock, embedder, vectorStores }: RetrievalServices,
  request: RetrievalRequest,
  deadline: Deadline,
): Promise<VectorLeg> {
  const { namespace, question, cache, filter, topK } = request;
  const startedAtMs = clock.nowMs();
  const embedded = await embedder.embed([question], deadline, cache);
  const embeddingMs = clock.nowMs() - startedAtMs;
  const embeddingCache = embedded.ok ? embedded.value.cache : embedded.error.cache;
  const degraded: Degradation[] = [];
  if (embeddingCache === 'unavailable') degraded.push({ step: 'cache:embedding', reason: 'UNAVAILABLE' });
  if (!embedded.ok) {
    degraded.push(degradedBy('embedding', embedded.error));
    const errors = [embedded.error];
    return { matches: null, store: null, embedding: null, embeddingCache, embeddingMs, errors, degraded };
  }
  const [vector] = embedded.value.vectors;
  if (vector === undefined) throw new Error('the embedder answered without a vector');

  const query = { namespace, vector, topK: candidatesFor(request), filter };
  const search = await searchVectorStores(vectorStores, query, deadline);
  degraded.push(...search.failures.map(({ store, error }) => degradedBy(`retrieval:${store}`, error)));
  if (search.answered?.isComplete === false && search.answered.matches.length < topK) {
    degraded.push({ step: `filter:${search.answered.store}`, reason: 'INCOMPLETE' });
  }
  return {
    matches: search.answered?.matches ?? null,
    store: search.answered?.store ?? null,
    embedding: embedded.value,
    embeddingCache,
    embeddingMs,
    errors: search.failures.map(({ error }) => error),
    degraded,
  };
}

// How many are fused must not depend on how many are wanted, or the first ones would change with it. One leg alone has
// no such trouble.
function candidatesFor({ mode, topK }: RetrievalRequest): number {
  return mode === 'hybrid' ? CANDIDATES_PER_LEG : Math.max(CANDIDATES_PER_LEG, topK);
}

/** Keeps everything when the catalog cannot be asked: a late answer beats none, and the response says so. */
async function dropDead(liveness: Liveness, namespace: string, ranked: RankedChunk[], deadline: Deadline) {
  const documentIds = [...new Set(ranked.map(({ chunk }) => chunk.documentId))];
  if (documentIds.length === 0) return { chunks: ranked, degraded: [], rowsRead: 0 };
  const live = await liveness.liveVersions(namespace, documentIds, deadline);
  if (!live.ok) return { chunks: ranked, degraded: [degradedBy('liveness', live.error)], rowsRead: 0 };
  return {
    chunks: ranked.filter(({ chunk }) => live.value.get(chunk.documentId) === chunk.version),
    degraded: [],
    // A look-up by primary key reads one row a document.
    rowsRead: documentIds.length,
  };
}
