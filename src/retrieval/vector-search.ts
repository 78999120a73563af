import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { VectorMatches, VectorQuery, VectorStore } from './vector-store.ts';

export interface VectorSearch {
  answered: (VectorMatches & { store: string }) | null;
  /** Of the stores asked before the one that answered, in order. */
  failures: { store: string; error: UpstreamError }[];
}

/** Asks the stores in their configured order until one answers; no matches is an answer. */
export async function searchVectorStores(
  stores: readonly VectorStore[],
  query: VectorQuery,
  deadline: Deadline,
): Promise<VectorSearch> {
  const failures: VectorSearch['failures'] = [];
  for (const store of stores) {
    const found = await store.query(query, deadline);
    if (found.ok) return { answered: { store: store.name, ...found.value }, failures };
    failures.push({ store: store.name, error: found.error });
  }
  return { answered: null, failures };
}
