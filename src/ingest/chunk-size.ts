import type { EmbeddingModel } from '../models/embedder.ts';
import { estimateTokens } from '../models/token-estimate.ts';

export interface ChunkLimits {
  /** Where a chunk is closed when more would follow. */
  targetSize: number;
  /** What no chunk exceeds; the rest of the model's input is for the title and headings put before it. */
  maxSize: number;
}

const TARGET_SHARE = 0.6;
const MAX_SHARE = 0.85;

// White space costs no tokens, but Vectorize keeps 10 KiB of metadata with a vector and the text is in it.
const MAX_CHARACTERS_PER_TOKEN = 7;

export function chunkLimitsFor(model: EmbeddingModel): ChunkLimits {
  return {
    targetSize: Math.floor(model.maxInputTokens * TARGET_SHARE),
    maxSize: Math.floor(model.maxInputTokens * MAX_SHARE),
  };
}

/** Estimated tokens, or more for text that is mostly white space. Never more than the sum of the parts. */
export function sizeOf(text: string): number {
  return Math.max(estimateTokens(text), Math.ceil(text.length / MAX_CHARACTERS_PER_TOKEN));
}
