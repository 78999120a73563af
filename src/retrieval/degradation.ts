import type { UpstreamError } from '../resilience/upstream-error.ts';

/** A step that failed while the answer was made without it. */
export interface Degradation {
  /**
   * `embedding`, `retrieval:<store>`, `retrieval:lexical`, `filter:<store>`, `liveness`, `cache:embedding`,
   * `generation:<model>`.
   */
  step: string;
  /**
   * `TIMEOUT`, `DEADLINE`, `NETWORK`, `BAD_ANSWER`, `FINGERPRINT_MISMATCH`, or the vendor's own code; of a filter,
   * `INCOMPLETE`.
   */
  reason: string;
}

export function degradedBy(step: string, error: UpstreamError): Degradation {
  return { step, reason: error.code };
}
