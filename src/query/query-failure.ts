import type { Degradation } from '../retrieval/degradation.ts';
import type { RetrievalFailure } from '../retrieval/retrieved.ts';

/** Why there is no answer. */
export type QueryFailure =
  /** No way to passages was left: the honest 503. */
  | { kind: 'retrieval-unavailable'; retryAfterMs: number; degraded: Degradation[] }
  /** The model ended in the middle of a text that was told already. */
  | { kind: 'generation-interrupted'; degraded: Degradation[] }
  /** A document was changed or deleted while a text made from it was told. */
  | { kind: 'sources-changed'; degraded: Degradation[] }
  /** Whoever asked has left. */
  | { kind: 'left'; degraded: Degradation[] };

export const LEFT: QueryFailure = { kind: 'left', degraded: [] };

const DEFAULT_RETRY_AFTER_MS = 1_000;

/** Worth another try as soon as the first of the failed dependencies may be back. */
export function queryFailureFrom({ errors, degraded }: RetrievalFailure): QueryFailure {
  const waits = errors.map((error) => error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
  return { kind: 'retrieval-unavailable', retryAfterMs: Math.min(...waits), degraded };
}

/** Whether the next who asks the same would fail likewise; of one asker's own misfortune the others are told nothing. */
export function isOfAll({ kind }: QueryFailure): boolean {
  return kind === 'retrieval-unavailable';
}
