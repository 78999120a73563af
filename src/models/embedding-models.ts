import type { EmbeddingModel } from './embedder.ts';

/**
 * Limits: https://developers.cloudflare.com/workers-ai/models/ (bge-m3: 100 texts a call; AI Search lists 512 tokens
 * an input). Upstash hosts the BGE
 * models too (https://upstash.com/docs/vector/features/embeddingmodels), of which only bge-m3 leaves no choice of
 * pooling that could differ. `local/…` is the model of the local cloud, called by its own name so that its vectors never pass for others.
 */
export const EMBEDDING_MODELS: readonly EmbeddingModel[] = [
  {
    name: '@cf/baai/bge-m3',
    dimensions: 1024,
    pooling: 'default',
    maxInputTokens: 512,
    mustAskForTruncation: true,
    hostedByUpstash: true,
    maxTextsPerCall: 100,
  },
  { name: '@cf/baai/bge-base-en-v1.5', dimensions: 768, pooling: 'cls', maxInputTokens: 512, maxTextsPerCall: 100 },
  { name: '@cf/baai/bge-small-en-v1.5', dimensions: 384, pooling: 'cls', maxInputTokens: 512, maxTextsPerCall: 100 },
  {
    name: 'local/all-MiniLM-L6-v2',
    dimensions: 384,
    pooling: 'mean',
    maxInputTokens: 256,
    hostedByUpstash: true,
    maxTextsPerCall: 100,
  },
];

export function embeddingModelNamed(name: string): EmbeddingModel | null {
  return EMBEDDING_MODELS.find((model) => model.name === name) ?? null;
}
