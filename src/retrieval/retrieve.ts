import type { CacheMode, CacheOutcome } from '../cache/cached-embedder.ts';
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
import { searchByMeaning, type VectorLegServices } from './vector-leg.ts';

export const RETRIEVAL_MODES = ['hybrid', 'vector', 'lexical'] as const;
export type RetrievalMode = (typeof RETRIEVAL_MODES)[number];

export interface RetrievalServices extends VectorLegServices {
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
    /** Each is paid for one query. */
    vectorStores: string[];
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

/** The passages nearest to the question by meaning and by words, fused; fails only when every leg asked for failed. */
export async function retrieve(
  services: RetrievalServices,
  request: RetrievalRequest,
  deadline: Deadline,
): Promise<Result<Retrieved, RetrievalFailure>> {
  const startedAtMs = services.clock.nowMs();
  const { namespace, question, filter } = request;
  const limit = candidatesFor(request);
  const [vector, lexical] = await Promise.all([
    request.mode === 'lexical' ? null : searchByMeaning(services, request, limit, deadline),
    request.mode === 'vector' ? null : services.lexicalIndex.search({ namespace, question, limit, filter }, deadline),
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
      vectorStores: vector?.paidStores ?? [],
      rowsRead: (lexicalMatches?.rowsRead ?? 0) + alive.rowsRead,
      rerank: reranked.use,
    },
  });
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
