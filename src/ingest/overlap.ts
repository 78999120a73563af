import { type ChunkLimits, longestOfSize, sizeOf } from './chunk-size.ts';
import { sentenceStarts } from './split-span.ts';
import type { TextSpan } from './text-span.ts';

/** Where a chunk begins that repeats whole sentences or lines from the end of the one before; its own start if none fits. */
export function startOfOverlap(
  content: string,
  before: TextSpan,
  chunk: TextSpan,
  { overlapSize, maxSize }: Pick<ChunkLimits, 'overlapSize' | 'maxSize'>,
): number {
  const room = Math.min(overlapSize, maxSize - sizeOf(content.slice(chunk.start, chunk.end)));
  const from = Math.max(before.start, chunk.start - longestOfSize(room));
  let overlapStart = chunk.start;
  // Piece by piece from the end: together they are never larger than the sum of their sizes, and none is measured twice.
  let size = 0;
  for (const start of sentenceStarts(content, { start: from, end: chunk.start }).reverse()) {
    size += sizeOf(content.slice(start, overlapStart));
    if (start <= from || size > room) break;
    overlapStart = start;
  }
  return overlapStart;
}
