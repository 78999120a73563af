import type { QuestionCacheOutcome } from '../cache/cached-embedder.ts';
import type { Reranker } from '../models/reranker.ts';
import { EMPTY_STATE, retiredIn } from '../namespaces/namespace-state.ts';
import type { NamespaceStates } from '../namespaces/namespace-states.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { limitPerDocument } from './arrange-chunks.ts';
import { degradedBy } from './degradation.ts';
import { LEXICAL, type LexicalIndex } from './lexical/lexical-index.ts';
import type { Liveness } from './liveness.ts';
import { type RankedChunk, rankChunks } from './rank-chunks.ts';
import { rerankChunks } from './rerank-chunks.ts';
import type { RetrievalFailure, RetrievalRequest, Retrieved } from './retrieved.ts';
import { type Spared, searchByMeaning, type VectorLegRequest, type VectorLegServices } from './vector-leg.ts';

export interface SearchServices extends VectorLegServices {
  lexicalIndex: Pick<LexicalIndex, 'search'>;
  liveness: Liveness;
  namespaceStates: Pick<NamespaceStates, 'current'>;
  reranker: Reranker | null;
}

export type Searched = {
  kind: 'searched';
  embeddingCache: QuestionCacheOutcome;
  usage: Omit<Retrieved['usage'], 'cacheCommands'>;
} & Omit<Retrieved, 'searchCache' | 'embeddingCache' | 'usage'>;

export type SearchHelp<T> = Pick<VectorLegRequest<T>, 'embedding' | 'spare'>;

// What Vectorize returns with full metadata at most. Far more than topK, so that enough is left when the dead are dropped.
const CANDIDATES_PER_LEG = 50;

/**
 * The passages nearest to the question by meaning and by words, fused; fails only when every leg asked for failed.
 * A document that was replaced between the search and the look at the catalog would be in it by neither version: then
 * the indexes are searched once more, others first.
 */
export async function searchIndexes<T>(
  services: SearchServices,
  request: RetrievalRequest,
  deadline: Deadline,
  help: SearchHelp<T>,
): Promise<Result<Searched | Spared<T>, RetrievalFailure>> {
  const startedAtMs = services.clock.nowMs();
  const first = await searchOnce(services, request, deadline, help);
  if (!first.ok || first.value.kind === 'spared') return first;
  const { isOvertaken, ...searched } = first.value;
  if (!isOvertaken) return succeed(searched);
  // Another store may show by now what this one does not yet.
  const others = services.vectorStores.filter(({ name }) => name !== searched.servedBy);
  const from = { ...services, vectorStores: others.length > 0 ? others : services.vectorStores };
  const again = await searchOnce(from, request, deadline, { ...help, spare: async () => null });
  if (!again.ok || again.value.kind === 'spared') return succeed(searched);
  const { isOvertaken: _, ...later } = again.value;
  const usage = {
    // The question was embedded a single time.
    ...searched.usage,
    vectorStores: [...searched.usage.vectorStores, ...later.usage.vectorStores],
    rowsRead: searched.usage.rowsRead + later.usage.rowsRead,
    rerank: later.usage.rerank,
  };
  const timings = { ...searched.timings, retrievalMs: services.clock.nowMs() - startedAtMs };
  return succeed({ ...later, embeddingCache: searched.embeddingCache, usage, timings });
}

async function searchOnce<T>(
  services: SearchServices,
  request: RetrievalRequest,
  deadline: Deadline,
  help: SearchHelp<T>,
): Promise<Result<(Searched & { isOvertaken: boolean }) | Spared<T>, RetrievalFailure>> {
  const startedAtMs = services.clock.nowMs();
  const { namespace, question, filter } = request;
  const limit = candidatesFor(request);
  const words =
    request.mode === 'vector' ? null : services.lexicalIndex.search({ namespace, question, limit, filter }, deadline);
  const vector =
    request.mode === 'lexical' ? null : await searchByMeaning(services, { ...request, ...help, limit }, deadline);
  if (vector?.kind === 'spared') {
    if (words !== null) services.defer('lexical.unneeded', words);
    return succeed(vector);
  }
  const lexical = await words;

  const degraded = [...(vector?.degraded ?? [])];
  if (lexical?.ok === false) degraded.push(degradedBy(`retrieval:${LEXICAL}`, lexical.error));
  const lexicalMatches = lexical?.ok ? lexical.value : null;
  const vectorMatches = vector?.matches ?? null;
  if (vectorMatches === null && lexicalMatches === null) {
    const errors = [...(vector?.errors ?? []), ...(lexical?.ok === false ? [lexical.error] : [])];
    return fail({ errors, degraded });
  }

  const ranked = rankChunks(vectorMatches ?? [], lexicalMatches?.matches ?? []);
  const alive = await dropDead(services, namespace, ranked, deadline);
  const reranked = await rerankChunks(services.reranker, question, alive.chunks, deadline);
  return succeed({
    kind: 'searched',
    isOvertaken: alive.isOvertaken,
    chunks: limitPerDocument(reranked.chunks, request.maxPerDocument).slice(0, request.topK + request.extra),
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
function candidatesFor({ mode, topK, extra }: RetrievalRequest): number {
  return mode === 'hybrid' ? CANDIDATES_PER_LEG : Math.max(CANDIDATES_PER_LEG, topK + extra);
}

/**
 * When the catalog cannot be asked, what is known to be retired, or as old as deleted documents too many to be known by
 * name, goes all the same. The rest is kept, by its oldest version: the next one may be on its way into the indexes. A late
 * answer beats none, and the response says so.
 */
async function dropDead(
  { liveness, namespaceStates }: SearchServices,
  namespace: string,
  ranked: RankedChunk[],
  deadline: Deadline,
) {
  const documentIds = [...new Set(ranked.map(({ chunk }) => chunk.documentId))];
  if (documentIds.length === 0) return { chunks: ranked, isOvertaken: false, degraded: [], rowsRead: 0 };
  const live = await liveness.liveVersions(namespace, documentIds, deadline);
  if (!live.ok) {
    const state = await namespaceStates.current(namespace, deadline);
    const known = state.kind === 'known' ? state.state : state.last;
    const isRetired = retiredIn(known ?? EMPTY_STATE);
    const chunks = oldestVersions(ranked.filter(({ chunk }) => !isRetired(chunk.documentId, chunk.version)));
    return { chunks, isOvertaken: false, degraded: [degradedBy('liveness', live.error)], rowsRead: 0 };
  }
  return {
    chunks: ranked.filter(({ chunk }) => live.value.get(chunk.documentId) === chunk.version),
    isOvertaken: isOvertaken(ranked, live.value),
    degraded: [],
    // A look-up by primary key reads one row a document.
    rowsRead: documentIds.length,
  };
}

function oldestVersions(ranked: RankedChunk[]): RankedChunk[] {
  const oldest = new Map<string, number>();
  for (const { chunk } of ranked) {
    oldest.set(chunk.documentId, Math.min(chunk.version, oldest.get(chunk.documentId) ?? chunk.version));
  }
  return ranked.filter(({ chunk }) => oldest.get(chunk.documentId) === chunk.version);
}

/** Some document was found by older versions alone. */
function isOvertaken(ranked: RankedChunk[], live: ReadonlyMap<string, number>): boolean {
  const byDocument = Map.groupBy(ranked, ({ chunk }) => chunk.documentId);
  return [...byDocument].some(([documentId, found]) => {
    const liveVersion = live.get(documentId);
    return liveVersion !== undefined && found.every(({ chunk }) => chunk.version < liveVersion);
  });
}
