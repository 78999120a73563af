import type { SearchLookUp } from '../cache/search-cache.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { type Result, succeed } from '../result.ts';
import { type ResultsCache, type SearchResults, versionsOf } from './cached-results.ts';
import type { Degradation } from './degradation.ts';
import type { RetrievalFailure, RetrievalRequest, Retrieved } from './retrieved.ts';
import { type Searched, type SearchServices, searchIndexes } from './search-indexes.ts';

export interface RetrievalServices extends SearchServices {
  results: ResultsCache;
  /** Models and versions that a search depends on. */
  searchedBy: readonly (string | number | null)[];
}

/**
 * The passages for a question: those found a moment ago where nothing has changed since, else those the indexes find
 * now; and when no index can be searched, what was found within the hour and is still there.
 */
export async function retrieve(
  services: RetrievalServices,
  request: RetrievalRequest,
  deadline: Deadline,
): Promise<Result<Retrieved, RetrievalFailure>> {
  const startedAtMs = services.clock.nowMs();
  const lookUp = await findResults(services, request, deadline);
  const elapsedMs = () => services.clock.nowMs() - startedAtMs;
  if (lookUp.use === 'fresh' && lookUp.result !== null) return succeed(fromCache(lookUp.result, elapsedMs(), []));

  const searched = await searchIndexes(services, request, deadline, lookUp.vector);
  if (!searched.ok) {
    if (lookUp.result === null) return searched;
    return succeed(fromCache(lookUp.result, elapsedMs(), searched.error.degraded));
  }
  const { chunks, servedBy } = searched.value;
  const isKept = request.cache !== 'no-store' && isWhole(searched.value, request);
  if (isKept) services.results.keep(lookUp, { chunks, servedBy }, versionsOf(chunks));
  const outcome = lookUp.outcome === 'read' ? 'miss' : lookUp.outcome;
  const unavailable = outcome === 'unavailable' ? [{ step: 'cache:search', reason: 'UNAVAILABLE' }] : [];
  return succeed({
    ...searched.value,
    degraded: [...unavailable, ...searched.value.degraded],
    searchCache: { outcome, similarity: null, isKept },
    timings: { ...searched.value.timings, retrievalMs: elapsedMs() },
  });
}

async function findResults(
  { results, embedder, searchedBy }: RetrievalServices,
  { namespace, question, topK, mode, cache, filter, maxPerDocument }: RetrievalRequest,
  deadline: Deadline,
): Promise<SearchLookUp<SearchResults>> {
  const vectorKey = await embedder.keyOf(question);
  const parts = { namespace, question, topK, maxPerDocument, filter, retrieval: mode, searchedBy };
  return results.find(parts, { mode: cache, vectorKey }, deadline);
}

function fromCache({ chunks, servedBy }: SearchResults, retrievalMs: number, degraded: Degradation[]): Retrieved {
  return {
    chunks,
    servedBy,
    embeddingCache: 'bypass',
    searchCache: { outcome: 'exact', similarity: null, isKept: false },
    degraded,
    timings: { embeddingMs: null, retrievalMs },
    usage: { embeddingTokens: 0, estimated: false, vectorStores: [], rowsRead: 0, rerank: null },
  };
}

/** As good as on a healthy day: only such results are kept for others. */
function isWhole({ servedBy, degraded, chunks }: Searched, { mode }: RetrievalRequest): boolean {
  if (chunks.length === 0 || (mode !== 'lexical' && servedBy === 'lexical')) return false;
  return degraded.every(({ step }) => {
    if (step === 'retrieval:lexical') return false;
    return step === 'embedding' || step.startsWith('retrieval:') || step.startsWith('cache:');
  });
}
