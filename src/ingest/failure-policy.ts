import type { UpstreamErrorClass } from '../resilience/upstream-error.ts';

export interface FailedAttempt {
  class: UpstreamErrorClass;
  retryAfterMs: number | null;
  /** This one included. */
  attempts: number;
}

/** The queue counts deliveries and ends a message; the sweep looks at the row for as long as it takes. */
export type RetryDecision = { kind: 'retry'; delayMs: number; by: 'queue' | 'sweep' } | { kind: 'give-up' };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

// The queue delays a message by at most a day (https://developers.cloudflare.com/queues/platform/limits/).
const MAX_DELAY_MS = 24 * 60 * MINUTE_MS;

/**
 * What to do after an attempt failed. An outage or what an operator has to mend is never the document's fault: it is
 * retried, ever more rarely, until it is over.
 */
export function decideRetry(
  failed: FailedAttempt,
  { maxAttempts, random }: { maxAttempts: number; random: () => number },
): RetryDecision {
  const by = failed.attempts < maxAttempts ? 'queue' : 'sweep';
  switch (failed.class) {
    case 'permanent':
      return { kind: 'give-up' };
    case 'configuration':
      return {
        kind: 'retry',
        by: 'sweep',
        delayMs: spread(backOff(failed.attempts, MINUTE_MS, 10 * MINUTE_MS), random),
      };
    case 'transient':
      return { kind: 'retry', by, delayMs: spread(backOff(failed.attempts, 2 * SECOND_MS, 4 * MINUTE_MS), random) };
    case 'rate-limited': {
      const delayMs = Math.max(backOff(failed.attempts, 30 * SECOND_MS, 12 * MINUTE_MS), failed.retryAfterMs ?? 0);
      return { kind: 'retry', by, delayMs: spread(delayMs, random) };
    }
  }
}

function backOff(attempts: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** (attempts - 1));
}

// By up to a quarter, and only ever later: a vendor that names a time means it.
function spread(delayMs: number, random: () => number): number {
  return Math.min(MAX_DELAY_MS, Math.round(delayMs * (1 + random() / 4)));
}
