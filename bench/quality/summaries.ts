import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type Estimate, estimateGain, estimateMean } from '../estimate.ts';

/** Both legs alone, both fused by reciprocal ranks, and what a question gets that asks for nothing else. */
export const METHODS = ['vector', 'lexical', 'plain', 'hybrid'] as const;
export type Method = (typeof METHODS)[number];

export interface QueryResult {
  queryId: string;
  ndcg: number;
  recall: number;
  /** The first documents, as far as nDCG looks. */
  ranking: string[];
  servedBy: string | null;
  degraded: number;
}

export interface MethodSummary {
  ndcg: Estimate;
  recall: Estimate;
}

export interface Summary {
  methods: Record<Method, MethodSummary>;
  /** Of the default over plain fusion in nDCG, query by query. */
  gain: Estimate;
  /** Answers that a part of Vigil did not take part in: with any, nothing was measured. */
  degraded: number;
}

export function summarise(results: Record<Method, QueryResult[]>, seed: number): Summary {
  const values = (method: Method, measure: 'ndcg' | 'recall') =>
    // Queries finish in any order; the intervals must not depend on it.
    results[method].toSorted((a, b) => (a.queryId < b.queryId ? -1 : 1)).map((result) => result[measure]);
  const estimate = (method: Method, measure: 'ndcg' | 'recall') =>
    estimateMean(values(method, measure), createSeededRandom(seed, `${method} ${measure}`));
  const methodSummary = (method: Method) => ({ ndcg: estimate(method, 'ndcg'), recall: estimate(method, 'recall') });
  return {
    methods: {
      vector: methodSummary('vector'),
      lexical: methodSummary('lexical'),
      plain: methodSummary('plain'),
      hybrid: methodSummary('hybrid'),
    },
    gain: estimateGain(values('hybrid', 'ndcg'), values('plain', 'ndcg'), createSeededRandom(seed, 'gain')),
    degraded: METHODS.flatMap((method) => results[method]).filter((result) => result.degraded > 0).length,
  };
}
