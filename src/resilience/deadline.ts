import type { Clock } from '../clock.ts';

/** One moment per request by which everything must be done; passed down, never renewed. */
export interface Deadline {
  readonly atMs: number;
  /** Milliseconds left, never negative. */
  remainingMs(): number;
}

export function deadlineIn(clock: Clock, timeoutMs: number): Deadline {
  const atMs = clock.nowMs() + timeoutMs;
  return { atMs, remainingMs: () => Math.max(0, atMs - clock.nowMs()) };
}
