import { cosineOf } from '../../src/models/cosine.ts';
import type { EmbeddingPool } from './embedding-pool.ts';
import { termsOf, termWeights } from './terms.ts';

export interface RankedContext {
  /** Index into the contexts as sent. */
  id: number;
  /** 0 to 1. */
  score: number;
}

const COSINE_SHARE = 0.5;

/** Orders contexts by the mean of embedding cosine and the weighted share of the query's terms that each contains. */
export async function rerank(
  query: string,
  contexts: readonly string[],
  embeddings: Pick<EmbeddingPool, 'embed'>,
): Promise<RankedContext[]> {
  const [queryVector, ...vectors] = await embeddings.embed([query, ...contexts]);
  const contextTerms = contexts.map((text) => new Set(termsOf(text)));
  const weightOf = termWeights(contextTerms);
  const queryTerms = [...new Set(termsOf(query))];
  const weightOfAll = (terms: string[]) => terms.reduce((sum, term) => sum + weightOf(term), 0);
  const queryWeight = weightOfAll(queryTerms) || 1;

  return contextTerms
    .map((terms, id) => {
      const vector = vectors[id];
      const cosine = queryVector && vector ? Math.max(0, cosineOf(queryVector, vector)) : 0;
      const overlap = weightOfAll(queryTerms.filter((term) => terms.has(term))) / queryWeight;
      return { id, score: Math.min(1, COSINE_SHARE * cosine + (1 - COSINE_SHARE) * overlap) };
    })
    .sort((a, b) => b.score - a.score);
}
