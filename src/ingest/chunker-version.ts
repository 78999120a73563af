import type { Chunking } from './chunk-size.ts';

/**
 * Move it with every change after which the same document would be cut otherwise, or the model would be given another
 * text for the same chunk (`embeddedText`). Vectors made before then count as another index's: every document has to be
 * put again, into new indexes.
 */
const CHUNKER_VERSION = 4;

/**
 * How documents are cut, as part of an index's fingerprint. Other sizes are another index: what a store lacks of a
 * document is cut anew when it is repaired, and has to come out the same.
 */
export function chunkerTag({ targetTokens, maxTokens, overlapTokens }: Chunking): string {
  const sizes = [
    targetTokens === null ? '' : `-target-${targetTokens}`,
    maxTokens === null ? '' : `-max-${maxTokens}`,
    overlapTokens === 0 ? '' : `-overlap-${overlapTokens}`,
  ];
  return `chunker-${CHUNKER_VERSION}${sizes.join('')}`;
}
