import type {
  QuestionEmbedder,
  QuestionEmbedding,
  QuestionEmbeddingOptions,
  VectorReading,
} from '../cache/cached-embedder.ts';
import type { SearchLookingUp, SearchLookUp } from '../cache/search-cache.ts';
import { freshnessOf } from '../namespaces/namespace-state.ts';
import { lastKnown } from '../namespaces/namespace-states.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { type Result, succeed } from '../result.ts';
import { type ResultsCache, type SearchResults, versionsOf } from './cached-results.ts';
import { type Degradation, degradedByReading } from './degradation.ts';
import type { RetrievalFailure, RetrievalRequest, Retrieved } from './retrieved.ts';
import { type Searched, type SearchServices, searchIndexes } from './search-indexes.ts';
import { createSimilarSearch, type SimilarMatch, type SimilarSearch, type SimilarServices } from './similar-search.ts';
import { rejectionsOfAll, type Spared } from './vector-leg.ts';

export interface RetrievalServices extends SearchServices {
  embedder: QuestionEmbedder;
  results: ResultsCache;
  similar: SimilarServices;
  /** Models and versions that a search depends on. */
  searchedBy: readonly (string | number | null)[];
}

/** As good as a cache that cannot be read: nobody waits for it any more. */
const TOO_LATE: SearchLookUp<SearchResults> = {
  ...{ key: '', use: 'none', result: null, madeFrom: null, outcome: 'unavailable' },
  reading: { kind: 'unknown', last: null },
};
const STALE: Degradation = { step: 'search', reason: 'STALE' };
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
  const looking = await beginLookUp(services, request, deadline);
  const embedding = beginEmbedding(services, request, looking.vector, deadline);
  const lookUp = await Promise.race([looking.lookUp, embedding.modelFirst.then(() => TOO_LATE)]);
  const elapsedMs = () => services.clock.nowMs() - startedAtMs;
  if (lookUp.use === 'fresh' && lookUp.result !== null) {
    const unsure = degradedByReading(lookUp.reading);
    return succeed(fromCache(lookUp.result, EXACT, embedding.inVain(), elapsedMs(), unsure));
  }
  const similar = createSimilarSearch(services, request, lookUp, services.searchedBy, deadline);
  const searched = await searchIndexes(services, request, deadline, { embedding, spare: similar.find });
  if (!searched.ok) {
    const { result, madeFrom } = await looking.lookUp;
    const now = await services.namespaceStates.current(request.namespace, deadline);
    const state = lastKnown(now);
    // The indexes have taken their time to fail: what was kept may have gone meanwhile.
    const isGone = madeFrom !== null && state !== null && freshnessOf(madeFrom, state) === 'gone';
    if (result === null || isGone) return searched;
    const degraded = [...searched.error.degraded, STALE, ...degradedByReading(now)];
    return succeed(fromCache(result, EXACT, embedding.inVain(), elapsedMs(), degraded));
  }
  if (searched.value.kind === 'spared') {
    const unsure = degradedByReading(lookUp.reading);
    return succeed(fromSimilar(searched.value, similar.commands(), elapsedMs(), unsure));
  }
  const { kind: _, embeddingCache, ...found } = searched.value;
  const { chunks, servedBy } = found;
  // A cache that was only slow has answered by now, and has kept nobody from anything.
  const late = await Promise.race([looking.lookUp, lookUp]);
  const outcome = outcomeOf(late, similar);
  // What is kept says which state of the namespace it was searched under: one that was known before.
  const mayKeep = lookUp.outcome !== 'unavailable' && outcome !== 'unavailable' && request.cache !== 'no-store';
  const isKept = mayKeep && isWhole(searched.value, request) && deadline.remainingMs() > 0;
  if (isKept) {
    services.results.keep(lookUp, { ...similar.described(), chunks, servedBy }, versionsOf(chunks));
    similar.note();
  }
  const isOvertaken = embeddingCache === 'overtaken';
  return succeed({
    ...found,
    degraded: [
      ...unavailable('cache:search', outcome),
      ...(isOvertaken ? unavailable('cache:embedding', outcome) : []),
      ...found.degraded,
    ],
    embeddingCache: isOvertaken ? outcome : embeddingCache,
    searchCache: { outcome, similarity: null },
    usage: { ...found.usage, cacheCommands: Number(late.outcome === 'read') + Number(isKept) + similar.commands() },
    timings: { ...found.timings, retrievalMs: elapsedMs() },
  });
}

async function beginLookUp(
  { results, embedder, searchedBy }: RetrievalServices,
  { namespace, question, topK, extra, mode, cache, filter, maxPerDocument }: RetrievalRequest,
  deadline: Deadline,
): Promise<SearchLookingUp<SearchResults>> {
  const vectorKey = await embedder.keyOf(question);
  const parts = { namespace, question, topK, extra, maxPerDocument, filter, retrieval: mode, searchedBy };
  return results.begin(parts, { mode: cache, vectorKey }, deadline);
}

/** The model is not held back by a slow reading, unless its vector would be of no use. */
function beginEmbedding(
  services: RetrievalServices,
  { question, cache, mode }: RetrievalRequest,
  reading: Promise<VectorReading>,
  deadline: Deadline,
): QuestionEmbedding {
  const options: QuestionEmbeddingOptions = {
    mode: cache,
    reading,
    isWanted: () => mode !== 'lexical' && rejectionsOfAll(services).length === 0,
  };
  return services.embedder.begin(question, options, deadline);
}

function fromCache(
  { chunks, servedBy }: SearchResults,
  served: Retrieved['searchCache'],
  embedded: Pick<Retrieved['usage'], 'estimated'> & { tokens: number },
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
    usage: {
      embeddingTokens: embedded.tokens,
      estimated: embedded.estimated,
      vectorStores: [],
      rowsRead: 0,
      rerank: null,
      cacheCommands: 1,
    },
  };
}

/** A cache that could not be asked for results, or for like ones, is told apart from one that has none. */
function outcomeOf(
  { outcome }: SearchLookUp<SearchResults>,
  similar: SimilarSearch,
): 'miss' | 'bypass' | 'unavailable' {
  if (outcome !== 'read') return outcome;
  return similar.isUnavailable() ? 'unavailable' : 'miss';
}

function unavailable(step: string, outcome: string): Degradation[] {
  return outcome === 'unavailable' ? [{ step, reason: 'UNAVAILABLE' }] : [];
}

/** The question was embedded all the same: that is how the other one was found. */
function fromSimilar(
  { by, embedding, degraded }: Spared<SimilarMatch>,
  commands: number,
  retrievalMs: number,
  unsure: Degradation[],
): Retrieved {
  const served = { outcome: 'similar', similarity: by.cosine } as const;
  const kept = fromCache(by.results, served, embedding, retrievalMs, [...degraded, ...unsure]);
  return {
    ...kept,
    // Whose cache had not been read would not have been looked for.
    embeddingCache: embedding.cache === 'overtaken' ? 'unavailable' : embedding.cache,
    timings: { embeddingMs: embedding.ms, retrievalMs },
    usage: { ...kept.usage, cacheCommands: kept.usage.cacheCommands + commands },
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
