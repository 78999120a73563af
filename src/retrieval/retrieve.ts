import type { SearchLookUp } from '../cache/search-cache.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { type Result, succeed } from '../result.ts';
import { type ResultsCache, type SearchResults, versionsOf } from './cached-results.ts';
import { type Degradation, degradedByReading } from './degradation.ts';
import type { RetrievalFailure, RetrievalRequest, Retrieved } from './retrieved.ts';
import { type Searched, type SearchServices, searchIndexes } from './search-indexes.ts';
import { createSimilarSearch, type SimilarMatch, type SimilarServices } from './similar-search.ts';
import type { Spared } from './vector-leg.ts';

export interface RetrievalServices extends SearchServices {
  results: ResultsCache;
  similar: SimilarServices;
  /** Models and versions that a search depends on. */
  searchedBy: readonly (string | number | null)[];
}

const EXACT = { outcome: 'exact', similarity: null } as const;

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
  if (lookUp.use === 'fresh' && lookUp.result !== null) {
    return succeed(fromCache(lookUp.result, EXACT, elapsedMs(), []));
  }
  const similar = createSimilarSearch(services, request, lookUp, services.searchedBy, deadline);
  const searched = await searchIndexes(services, request, deadline, {
    prefetched: lookUp.vector,
    spare: similar.find,
  });
  if (!searched.ok) {
    if (lookUp.result === null) return searched;
    const degraded = [...searched.error.degraded, ...degradedByReading(lookUp.reading)];
    return succeed(fromCache(lookUp.result, EXACT, elapsedMs(), degraded));
  }
  if (searched.value.kind === 'spared') return succeed(fromSimilar(searched.value, similar.commands(), elapsedMs()));
  const { kind: _, ...found } = searched.value;
  const { chunks, servedBy } = found;
  const isKept = mayKeep(request, lookUp) && isWhole(searched.value, request);
  if (isKept) {
    services.results.keep(lookUp, { ...similar.described(), chunks, servedBy }, versionsOf(chunks));
    similar.note();
  }
  const outcome = lookUp.outcome === 'read' ? 'miss' : lookUp.outcome;
  const unavailable = outcome === 'unavailable' ? [{ step: 'cache:search', reason: 'UNAVAILABLE' }] : [];
  return succeed({
    ...found,
    degraded: [...unavailable, ...found.degraded],
    searchCache: { outcome, similarity: null },
    usage: { ...found.usage, cacheCommands: Number(outcome === 'miss') + Number(isKept) + similar.commands() },
    timings: { ...found.timings, retrievalMs: elapsedMs() },
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

function fromCache(
  { chunks, servedBy }: SearchResults,
  served: Retrieved['searchCache'],
  retrievalMs: number,
  degraded: Degradation[],
): Retrieved {
  return {
    chunks,
    servedBy,
    embeddingCache: 'bypass',
    searchCache: served,
    degraded,
    timings: { embeddingMs: null, retrievalMs },
    usage: { embeddingTokens: 0, estimated: false, vectorStores: [], rowsRead: 0, rerank: null, cacheCommands: 1 },
  };
}

/** A cache that could not be read is not written to either. */
function mayKeep({ cache }: RetrievalRequest, { outcome }: SearchLookUp<SearchResults>): boolean {
  return cache !== 'no-store' && outcome !== 'unavailable';
}

/** The question was embedded all the same: that is how the other one was found. */
function fromSimilar(
  { by, embedding, degraded }: Spared<SimilarMatch>,
  commands: number,
  retrievalMs: number,
): Retrieved {
  const served = { outcome: 'similar', similarity: by.cosine } as const;
  const kept = fromCache(by.results, served, retrievalMs, degraded);
  return {
    ...kept,
    embeddingCache: embedding.cache,
    timings: { embeddingMs: embedding.ms, retrievalMs },
    usage: {
      ...kept.usage,
      embeddingTokens: embedding.tokens,
      estimated: embedding.estimated,
      cacheCommands: kept.usage.cacheCommands + commands,
    },
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
