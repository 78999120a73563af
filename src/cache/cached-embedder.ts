import type { EmbeddingModel, Embeddings } from '../models/embedder.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export type CacheMode = 'default' | 'no-store' | 'reload';

/** `hit` only when every text came from the cache; `unavailable` when the cache could not be asked. */
export type CacheOutcome = 'hit' | 'miss' | 'bypass' | 'unavailable';

export interface CachedEmbeddings extends Embeddings {
  cache: CacheOutcome;
  hits: number;
}

/** The model's failure, and what the cache had said before: it was asked, and is billed, all the same. */
export interface EmbeddingFailure extends UpstreamError {
  cache: CacheOutcome;
}

/** What the cache keeps of some texts, in their order, as somebody has read it together with something else. */
export type Prefetched = Result<(string | null)[], UpstreamError>;

/** The embedder behind its 24 h cache: any number of texts, duplicates embedded once, misses in full batches. */
export interface CachedEmbedder {
  readonly model: EmbeddingModel;
  embed(
    texts: string[],
    deadline: Deadline,
    mode: CacheMode,
    prefetched?: Prefetched | null,
  ): Promise<Result<CachedEmbeddings, EmbeddingFailure>>;
  /** Where the cache keeps the vector of a text. */
  keyOf(text: string): Promise<string>;
}
