import { join } from 'node:path';
import { createEmbeddingPool } from '../../local/ai/embedding-pool.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import type { EmbeddingSource } from './compare-vectors.ts';

/** The local cloud's own model, past the local cloud; what that has embedded is on the disk they share. */
export async function withLocalModel<T>(task: (source: EmbeddingSource) => Promise<T>): Promise<T> {
  const model = embeddingModelNamed('local/all-MiniLM-L6-v2');
  if (model === null) throw new Error('the local embedding model has another name');
  const pool = createEmbeddingPool({ embeddingCacheDir: join(PROJECT_ROOT, '.vigil', 'embeddings') });
  try {
    return await task({ model, embed: (texts) => pool.embed(texts) });
  } finally {
    await pool.close();
  }
}
