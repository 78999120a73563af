import type { CacheStore } from '../../src/cache/cache-store.ts';
import type { Embedder } from '../../src/models/embedder.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import type { VectorStore } from '../../src/retrieval/vector-store.ts';
import type { ContractWorker } from './contract-worker.ts';

type Ports = Pick<ContractWorker, 'port'>;

// Fields stay on this side, so they are the adapters' own once more.
const MAX_BATCH = { vectorize: 100, upstash: 200 };

type StoreName = keyof typeof MAX_BATCH;

export function vectorStoreOf(worker: Ports, name: StoreName): VectorStore {
  const queryText = name === 'vectorize' ? { queryText: null } : {};
  return worker.port<VectorStore>(name, { name, maxBatch: MAX_BATCH[name], ...queryText });
}

/** The same index, in the eyes of a deployment with another model of the same dimensions. */
export function vectorStoreOfAnotherModel(worker: Ports, name: StoreName): VectorStore {
  return worker.port<VectorStore>(`${name}OfAnotherModel`, { name, maxBatch: MAX_BATCH[name] });
}

export function embedderOf(worker: Ports, modelName: string): Embedder {
  const model = embeddingModelNamed(modelName);
  if (model === null) throw new Error(`unknown embedding model: ${modelName}`);
  return worker.port<Embedder>('embedder', { model });
}

export function cacheStoreOf(worker: Ports): CacheStore {
  return worker.port<CacheStore>('redis', { name: 'redis' });
}
