import type { EmbeddingModel } from '../models/embedder.ts';
import { embeddingFingerprint } from '../models/embedding-fingerprint.ts';

/** The code of every refusal to mix what differently made vectors say. */
export const FINGERPRINT_MISMATCH = 'FINGERPRINT_MISMATCH';

/** Of what was made before there were fingerprints. */
export const UNKNOWN_FINGERPRINT = 'unknown';

/** How an index's vectors were made, e.g. `@cf/baai/bge-m3/1024/default/chunker-3`: only equals can be compared. */
export function fingerprintOf(model: EmbeddingModel, chunker: string): string {
  return `${embeddingFingerprint(model)}/${chunker}`;
}

/** What is wrong with an index of another fingerprint, and what to do. */
export function describeMismatch(builtWith: string, own: string): string {
  const remedy =
    'set EMBEDDING_MODEL and the sizes of chunks back, or name new indexes in VECTOR_STORES and put the documents again';
  return `built with ${builtWith}, but this deployment uses ${own}: ${remedy} (docs/deploy.md)`;
}
