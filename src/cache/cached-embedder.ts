import type { EmbeddingModel, Embeddings } from '../models/embedder.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export type CacheMode = 'default' | 'no-store' | 'reload';

export interface CachedEmbeddings extends Embeddings {
  /** `hit` only when every text came from the cache; `unavailable` when the cache could not be asked. */
  cache: 'hit' | 'miss' | 'bypass' | 'unavailable';
  hits: number;
}

/** The embedder behind its 24 h cache: any number of texts, duplicates embedded once, misses in full batches. */
export interface CachedEmbedder {
  readonly model: EmbeddingModel;
  embed(texts: string[], deadline: Deadline, mode: CacheMode): Promise<Result<CachedEmbeddings, UpstreamError>>;
}
