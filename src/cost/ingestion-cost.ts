import { cost, embeddingPrice, round } from './price-sums.ts';
import { UPSTASH_VECTOR_WRITE, VECTORIZE_STORED_DIMENSION } from './prices.ts';

/** What ingesting documents uses of what is billed by the piece. */
export interface IngestionUse {
  embedding: { model: string; tokens: number };
  vectors: { stores: readonly string[]; dimensions: number; count: number };
}

export interface IngestionCost {
  /** Once: the model's tokens, and the writes of stores that bill them. */
  costUsd: number;
  /** A month, as long as the documents stay: dimensions in Vectorize. */
  storageUsd: number;
  /** True when the model has no listed price and was charged like the dearest one. */
  estimated: boolean;
}

/** US dollars at list prices, beyond what the plans include. Rows of D1, objects and messages are not in it. */
export function costOfIngestion({ embedding, vectors }: IngestionUse): IngestionCost {
  const { price, isListed } = embeddingPrice(embedding.model);
  const upstash = vectors.stores.filter((store) => store.startsWith('upstash')).length;
  const vectorize = vectors.stores.length - upstash;
  return {
    costUsd: round(cost(price, embedding.tokens) + cost(UPSTASH_VECTOR_WRITE, upstash * vectors.count)),
    storageUsd: round(cost(VECTORIZE_STORED_DIMENSION, vectorize * vectors.count * vectors.dimensions)),
    estimated: !isListed,
  };
}
