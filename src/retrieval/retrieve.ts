import type { CachedEmbedder, CachedEmbeddings, CacheMode, CacheOutcome } from '../cache/cached-embedder.ts';
import type { Clock } from '../clock.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import { type Degradation, degradedBy } from './degradation.ts';
import { fuseRankings, type Ranks } from './fuse-rankings.ts';
import { LEXICAL, type LexicalIndex } from './lexical/lexical-index.ts';
import type { Liveness } from './liveness.ts';
import type { StoredChunk } from './passage.ts';
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
}

export interface RetrievalRequest {
  namespace: string;
  question: string;
  topK: number;
  mode: RetrievalMode;
  cache: CacheMode;
}

export interface RankedChunk {
  chunk: StoredChunk;
  score: number;
  ranks: Ranks;
}

export interface Retrieved {
  /** Fused order, all alive as far as could be asked, at most `topK`. */
  chunks: RankedChunk[];
  /** The vector store that answered, else `lexical`. */
  servedBy: string;
  embeddingCache: CacheOutcome;
  degraded: Degradation[];
  timings: { embeddingMs: number | null; retrievalMs: number };
  usage: { embeddingTokens: number; estimated: boolean; vectorStore: string | null; rowsRead: number };
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
  const { namespace, question } = request;
  const [vector, lexical] = await Promise.all([
    request.mode === 'lexical' ? null : searchByVector(services, request, deadline),
    request.mode === 'vector'
      ? null
      : services.lexicalIndex.search({ namespace, question, limit: CANDIDATES_PER_LEG }, deadline),
  ]);

  const degraded = [...(vector?.degraded ?? [])];
  if (lexical?.ok === false) degraded.push(degradedBy(`retrieval:${LEXICAL}`, lexical.error));
  const lexicalMatches = lexical?.ok ? lexical.value : null;
  const vectorMatches = vector?.matches ?? null;
  if (vectorMatches === null && lexicalMatches === null) {
    const errors = [...(vector?.errors ?? []), ...(lexical?.ok === false ? [lexical.error] : [])];
    return fail({ errors, degraded });
  }

  const ranked = rank(vectorMatches ?? [], lexicalMatches?.chunks ?? []);
  const alive = await dropDead(services.liveness, namespace, ranked, deadline);
  return succeed({
    chunks: alive.chunks.slice(0, request.topK),
    servedBy: vector?.store ?? LEXICAL,
    embeddingCache: vector?.embeddingCache ?? 'bypass',
    degraded: [...degraded, ...alive.degraded],
    timings: {
      embeddingMs: vector?.embeddingMs ?? null,
      retrievalMs: services.clock.nowMs() - startedAtMs,
    },
    usage: {
      embeddingTokens: vector?.embedding?.tokens ?? 0,
      estimated: vector?.embedding?.estimated ?? false,
      vectorStore: vector?.store ?? null,
      rowsRead: (lexicalMatches?.rowsRead ?? 0) + alive.rowsRead,
    },
  });
}

async function searchByVector(
  { clock, embedder, vectorStores }: RetrievalServices,
  { namespace, question, cache }: RetrievalRequest,
  deadline: Deadline,
): Promise<VectorLeg> {
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

  const search = await searchVectorStores(vectorStores, { namespace, vector, topK: CANDIDATES_PER_LEG }, deadline);
  degraded.push(...search.failures.map(({ store, error }) => degradedBy(`retrieval:${store}`, error)));
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

function rank(vectorMatches: VectorMatch[], lexicalChunks: StoredChunk[]): RankedChunk[] {
  const chunks = new Map<string, StoredChunk>();
  for (const chunk of [...lexicalChunks, ...vectorMatches.map((match) => match.chunk)]) {
    chunks.set(chunk.chunkId, chunk);
  }
  const fused = fuseRankings({
    vector: vectorMatches.map((match) => match.chunk.chunkId),
    lexical: lexicalChunks.map((chunk) => chunk.chunkId),
  });
  return fused.flatMap(({ id, score, ranks }) => {
    const chunk = chunks.get(id);
    return chunk === undefined ? [] : [{ chunk, score, ranks }];
  });
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
