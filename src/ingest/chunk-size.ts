import type { EmbeddingModel } from '../models/embedder.ts';
import { estimateTokens } from '../models/token-estimate.ts';
import { jsonBytes } from './json-bytes.ts';

export interface ChunkLimits {
  /** Where a chunk is closed when more would follow. */
  targetSize: number;
  /** What no chunk exceeds; the rest of the model's input is for the title and headings put before it. */
  maxSize: number;
}

const TARGET_SHARE = 0.6;
const MAX_SHARE = 0.85;

// White space and control characters cost no tokens, but a chunk's text travels and is stored as JSON.
const MAX_JSON_BYTES_PER_TOKEN = 12;
const MAX_TEXT_BYTES = 6_000;

/** For chunks whose text takes at most `maxTextBytes` as JSON. */
export function chunkLimitsFor(model: EmbeddingModel, maxTextBytes = MAX_TEXT_BYTES): ChunkLimits {
  const maxSize = Math.min(
    Math.floor(model.maxInputTokens * MAX_SHARE),
    Math.floor(Math.min(maxTextBytes, MAX_TEXT_BYTES) / MAX_JSON_BYTES_PER_TOKEN),
  );
  return { targetSize: Math.floor((maxSize * TARGET_SHARE) / MAX_SHARE), maxSize };
}

/** Estimated tokens, or more for text whose JSON form is long for them. Never more than the sum of the parts. */
export function sizeOf(text: string): number {
  return Math.max(estimateTokens(text), Math.ceil(jsonBytes(text) / MAX_JSON_BYTES_PER_TOKEN));
}
