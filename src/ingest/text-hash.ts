import type { EmbeddingModel } from '../models/embedder.ts';
import type { StoredChunk } from '../retrieval/passage.ts';
import { sha256Hex } from '../sha256.ts';
import { embeddedText } from './embedded-text.ts';

// 160 bits do not collide, and there is one for every chunk.
const HASH_LENGTH = 40;

/** Of what the embedding model is given for a chunk: equal, and so is the vector. */
export async function textHashOf(chunk: StoredChunk, model: EmbeddingModel): Promise<string> {
  return sha256Hex(embeddedText(chunk, model), HASH_LENGTH);
}
