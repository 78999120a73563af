import type { EmbeddingModel, Embeddings } from '../models/embedder.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export type CacheMode = 'default' | 'no-store' | 'reload';

/** `hit` only when every text came from the cache; `unavailable` when the cache could not be asked. */
export type CacheOutcome = 'hit' | 'miss' | 'bypass' | 'unavailable';

export interface CachedEmbeddings extends Embeddings {
  cache: CacheOutcome;
}

/** The model's failure, and what the cache had said before: it was asked, and is billed, all the same. */
export interface EmbeddingFailure extends UpstreamError {
  cache: CacheOutcome;
}

export const EMBEDDING_TTL_SECONDS = 24 * 60 * 60;

/** The embedder behind its 24 h cache: any number of texts, duplicates embedded once, misses in full batches. */
export interface CachedEmbedder {
  readonly model: EmbeddingModel;
  embed(texts: string[], deadline: Deadline): Promise<Result<CachedEmbeddings, EmbeddingFailure>>;
}

export interface QuestionVector extends Omit<Embeddings, 'vectors'> {
  vector: Float32Array;
  cache: QuestionCacheOutcome;
}

/** What the cache keeps of a question's vector, as somebody reads it with something else; `null`: it is not asked. */
export type VectorReading = Result<string | null, UpstreamError> | null;

/** The embedder for one question at a time, behind the same cache. */
export interface QuestionEmbedder {
  readonly model: EmbeddingModel;
  /** Where the cache keeps the vector of a question. */
  keyOf(question: string): Promise<string>;
  begin(question: string, options: QuestionEmbeddingOptions, deadline: Deadline): QuestionEmbedding;
}

export interface QuestionEmbeddingOptions {
  mode: CacheMode;
  reading: Promise<VectorReading>;
  /** Whether a vector would be of use; asked when the model is about to be called before the cache has answered. */
  isWanted(): boolean;
}

/** `overtaken`: the model was there before the cache had said anything. */
export type QuestionCacheOutcome = CacheOutcome | 'overtaken';

/** A question on its way to its vector: from the cache, or from the model, which a slow cache does not hold back. */
export interface QuestionEmbedding {
  vector(): Promise<Result<QuestionVector, EmbeddingFailure>>;
  /** Ends when the model has answered and the cache has not; otherwise never. */
  modelFirst: Promise<void>;
  /** What the model was asked for in vain when the cache has answered after all. */
  inVain(): Pick<Embeddings, 'tokens' | 'estimated'>;
}
