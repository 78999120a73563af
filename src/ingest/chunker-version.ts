/**
 * Move it with every change after which the same document would be cut otherwise, or the model would be given another
 * text for the same chunk (`embeddedText`). Vectors made before then count as another index's: every document has to be
 * put again, into new indexes.
 */
export const CHUNKER_VERSION = 1;
