import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export interface EmbeddingModel {
  /** The provider's name for it, e.g. `@cf/baai/bge-m3`. */
  name: string;
  dimensions: number;
  pooling: 'mean' | 'cls' | 'default';
  /** Longest input in the model's own tokens; the provider cuts longer text. */
  maxInputTokens: number;
  /** True when the provider refuses longer text unless told to cut it (`truncate_inputs`). */
  mustAskForTruncation?: true;
  /** Upstash Vector hosts it too, with the same vectors. */
  hostedByUpstash?: true;
  /** Most texts the provider takes in one call. */
  maxTextsPerCall: number;
}

export interface Embeddings {
  /** In the order of the texts, unit length. */
  vectors: Float32Array[];
  /** Input tokens billed: the provider's figure, or an estimate when it gives none. */
  tokens: number;
  estimated: boolean;
}

/** Turns texts into vectors of one model. At most `model.maxTextsPerCall` texts a call; never an empty list. */
export interface Embedder {
  readonly model: EmbeddingModel;
  embed(texts: string[], deadline: Deadline): Promise<Result<Embeddings, UpstreamError>>;
}
