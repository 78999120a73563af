import type { Degradation } from '../retrieval/degradation.ts';
import type { RetrievalFailure } from '../retrieval/retrieved.ts';

/** No way to passages was left: the honest 503. */
export interface QueryFailure {
  kind: 'retrieval-unavailable';
  retryAfterMs: number;
  degraded: Degradation[];
}

const DEFAULT_RETRY_AFTER_MS = 1_000;

/** Worth another try as soon as the first of the failed dependencies may be back. */
export function queryFailureFrom({ errors, degraded }: RetrievalFailure): QueryFailure {
  const waits = errors.map((error) => error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
  return { kind: 'retrieval-unavailable', retryAfterMs: Math.min(...waits), degraded };
}
