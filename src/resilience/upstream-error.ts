/**
 * What to do about a failure, decided once by the adapter that knows the vendor's codes.
 * `transient`: try again or elsewhere. `rate-limited`: back off, honour `retryAfterMs`.
 * `permanent`: this input will never work. `configuration`: an operator has to act.
 */
export type UpstreamErrorClass = 'transient' | 'rate-limited' | 'permanent' | 'configuration';

export interface UpstreamError {
  dependency: string;
  operation: string;
  class: UpstreamErrorClass;
  /** The vendor's own code where it has one (`40025`, `3040`, `422`), or `TIMEOUT`, `DEADLINE`, `CANCELLED`, `NETWORK`. */
  code: string;
  /** Safe to log: never user text, values or credentials. */
  message: string;
  retryAfterMs: number | null;
}

/** An adapter's reading of whatever the vendor threw. */
export type ClassifyError = (
  error: unknown,
) => Pick<UpstreamError, 'class' | 'code' | 'message'> & { retryAfterMs?: number | null };
