import type { CacheStore } from '../../src/cache/cache-store.ts';
import type { Embedder } from '../../src/models/embedder.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import type { VectorStore } from '../../src/retrieval/vector-store.ts';
import type { ContractWorker } from './contract-worker.ts';

type Ports = Pick<ContractWorker, 'port'>;

// Fields stay on this side, so they are the adapters' own once more.
const LIMITS = { vectorize: { maxBatch: 100, maxFetch: 20 }, upstash: { maxBatch: 200, maxFetch: 100 } };

type StoreName = keyof typeof LIMITS;

export function vectorStoreOf(worker: Ports, name: StoreName): VectorStore {
  const cannot = name === 'vectorize' ? { queryText: null, list: null } : {};
  return worker.port<VectorStore>(name, { name, ...LIMITS[name], ...cannot });
}

/** The same index, in the eyes of a deployment with another model of the same dimensions. */
export function vectorStoreOfAnotherModel(worker: Ports, name: StoreName): VectorStore {
  return worker.port<VectorStore>(`${name}OfAnotherModel`, { name, ...LIMITS[name] });
}

export function embedderOf(worker: Ports, modelName: string): Embedder {
  const model = embeddingModelNamed(modelName);
  if (model === null) throw new Error(`unknown embedding model: ${modelName}`);
  return worker.port<Embedder>('embedder', { model });
}

export function cacheStoreOf(worker: Ports): CacheStore {
  return worker.port<CacheStore>('redis', { name: 'redis' });
}
