import type { CacheMode, CacheOutcome } from '../cache/cached-embedder.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Degradation } from './degradation.ts';
import type { MetadataFilter } from './filters/metadata-filter.ts';
import type { RankedChunk } from './rank-chunks.ts';
import type { RerankUse } from './rerank-chunks.ts';

export const RETRIEVAL_MODES = ['hybrid', 'vector', 'lexical'] as const;
export type RetrievalMode = (typeof RETRIEVAL_MODES)[number];

export interface RetrievalRequest {
  namespace: string;
  question: string;
  topK: number;
  /** How many more to find, where there are as many: that they are missing is nothing to tell. */
  extra: number;
  mode: RetrievalMode;
  cache: CacheMode;
  filter: MetadataFilter | null;
  /** Most passages of one document. */
  maxPerDocument: number | null;
}

export type SearchCacheOutcome = 'exact' | 'similar' | 'miss' | 'bypass' | 'unavailable';

export interface Retrieved {
  /** Best first, all alive as far as could be asked, at most `topK + extra`. */
  chunks: RankedChunk[];
  /** The vector store that answered, else `lexical`. */
  servedBy: string;
  embeddingCache: CacheOutcome;
  searchCache: { outcome: SearchCacheOutcome; similarity: number | null };
  degraded: Degradation[];
  timings: { embeddingMs: number | null; retrievalMs: number };
  usage: {
    embeddingTokens: number;
    estimated: boolean;
    /** Each is paid for one query. */
    vectorStores: string[];
    rowsRead: number;
    rerank: RerankUse | null;
    /** Of Redis, to look for results and to keep them. */
    cacheCommands: number;
  };
}

export interface RetrievalFailure {
  errors: UpstreamError[];
  degraded: Degradation[];
}
