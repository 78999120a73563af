import type { Clock } from '../clock.ts';

/** One moment per request by which everything must be done; passed down, never renewed. */
export interface Deadline {
  readonly atMs: number;
  /** Milliseconds left, never negative; none once nobody wants the outcome any more. */
  remainingMs(): number;
  /** Aborted when nobody wants the outcome any more: the calls under way end, and no other begins. */
  readonly signal?: AbortSignal | undefined;
}

export function deadlineIn(clock: Clock, timeoutMs: number, signal?: AbortSignal): Deadline {
  return deadlineAt(clock, clock.nowMs() + timeoutMs, signal);
}

export function deadlineAt(clock: Clock, atMs: number, signal?: AbortSignal): Deadline {
  return { atMs, remainingMs: () => (signal?.aborted ? 0 : Math.max(0, atMs - clock.nowMs())), signal };
}

/** So long from now, and no longer than the deadline. */
export function deadlineWithin(clock: Clock, timeoutMs: number, deadline: Deadline): Deadline {
  return deadlineIn(clock, Math.min(timeoutMs, deadline.remainingMs()), deadline.signal);
}
