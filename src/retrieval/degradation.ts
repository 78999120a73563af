import type { StateReading } from '../namespaces/namespace-states.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';

/** A step that failed while the answer was made without it. */
export interface Degradation {
  /**
   * `embedding`, `retrieval:<store>`, `retrieval:lexical`, `filter:<store>`, `liveness`, `rerank`, `cache:response`,
   * `cache:search`, `cache:embedding`, `search`, `generation`, `generation:<model>`, `rewriting:<model>`.
   */
  step: string;
  /**
   * `TIMEOUT`, `DEADLINE`, `NETWORK`, `BAD_ANSWER`, `BREAKER_OPEN`, `ISOLATED`, `FINGERPRINT_MISMATCH` or the vendor's own
   * code; of a store that was not waited for, `SLOW` or `PROBING`; of a filter, `INCOMPLETE`; of a model whose answer broke
   * off, `INTERRUPTED` or `CONTENT_FILTER`, and of one that was passed over, `RATE_BUDGET`; of an answer that was cut at the
   * most tokens it may have, `TRUNCATED`; of a cache, and of a namespace whose state nobody
   * could tell, `UNAVAILABLE`; of results found before nothing could be searched, `STALE`; of documents that went while
   * they were quoted, `CHANGED`.
   */
  reason: string;
}

export function degradedBy(step: string, error: UpstreamError): Degradation {
  return { step, reason: error.code };
}

/** What was kept is used although nobody can say whether its documents are still there. */
export function degradedByReading(reading: StateReading): Degradation[] {
  const isSure = reading.kind === 'known' && reading.isConfirmed;
  return isSure ? [] : [{ step: 'liveness', reason: 'UNAVAILABLE' }];
}
