import type { EmbeddingModel } from './embedder.ts';

/** How a text's vector is made, e.g. `@cf/baai/bge-m3/1024/default`: cosines of one say nothing of another. */
export function embeddingFingerprint({ name, dimensions, pooling }: EmbeddingModel): string {
  return [name, dimensions, pooling].join('/');
}
