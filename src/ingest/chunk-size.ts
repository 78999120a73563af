import type { EmbeddingModel } from '../models/embedder.ts';
import { estimateTokens } from '../models/token-estimate.ts';
import { jsonBytes } from './json-bytes.ts';

export interface ChunkLimits {
  /** Where a chunk is closed when more would follow. */
  targetSize: number;
  /** What no chunk exceeds; the rest of the model's input is for the title and headings put before it. */
  maxSize: number;
  /** How much of the chunk before is repeated at the beginning of the next one of the same section; 0 for nothing. */
  overlapSize: number;
}

/** What an operator may set, in estimated tokens; `null` leaves it to the embedding model. */
export interface Chunking {
  targetTokens: number | null;
  maxTokens: number | null;
  overlapTokens: number;
}

export const DEFAULT_CHUNKING: Chunking = { targetTokens: null, maxTokens: null, overlapTokens: 0 };

const TARGET_SHARE = 0.6;
const MAX_SHARE = 0.85;

// White space and control characters cost no tokens, but a chunk's text travels and is stored as JSON.
const MAX_JSON_BYTES_PER_TOKEN = 12;
const MAX_TEXT_BYTES = 6_000;

/** For chunks whose text takes at most `maxTextBytes` as JSON. */
export function chunkLimitsFor(
  model: EmbeddingModel,
  { targetTokens, maxTokens, overlapTokens }: Chunking = DEFAULT_CHUNKING,
  maxTextBytes = MAX_TEXT_BYTES,
): ChunkLimits {
  const maxSize = Math.min(
    maxTokens ?? Number.POSITIVE_INFINITY,
    mostChunkTokens(model),
    Math.floor(Math.min(maxTextBytes, MAX_TEXT_BYTES) / MAX_JSON_BYTES_PER_TOKEN),
  );
  const targetSize = Math.min(targetTokens ?? Math.floor((maxSize * TARGET_SHARE) / MAX_SHARE), maxSize);
  return { targetSize, maxSize, overlapSize: Math.min(overlapTokens, Math.floor(targetSize / 2)) };
}

/** The rest of the model's input is for the title and headings. */
export function mostChunkTokens(model: EmbeddingModel): number {
  return Math.floor(model.maxInputTokens * MAX_SHARE);
}

/** Estimated tokens, or more for text whose JSON form is long for them. Never more than the sum of the parts. */
export function sizeOf(text: string): number {
  return Math.max(estimateTokens(text), Math.ceil(jsonBytes(text) / MAX_JSON_BYTES_PER_TOKEN));
}

/** Nothing longer, in UTF-16 units, is of that size. */
export function longestOfSize(size: number): number {
  return size * MAX_JSON_BYTES_PER_TOKEN;
}
