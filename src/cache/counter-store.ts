import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

/** Whole numbers that everybody counts up together. */
export interface CounterStore {
  /** Counts one more, for this long, and reads other counters at the same moment; one that is not there is 0. */
  increment(
    key: string,
    ttlMs: number,
    others: string[],
    deadline: Deadline,
  ): Promise<Result<{ value: number; others: number[] }, UpstreamError>>;
  /** Counts one less. */
  decrement(key: string, ttlMs: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
}
