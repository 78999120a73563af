import type { UpstreamErrorClass } from '../resilience/upstream-error.ts';

export interface FailedAttempt {
  class: UpstreamErrorClass;
  retryAfterMs: number | null;
  /** This one included. */
  attempts: number;
}

export type RetryDecision = { kind: 'retry'; delayMs: number } | { kind: 'give-up' };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

// The queue delays a message by at most a day (https://developers.cloudflare.com/queues/platform/limits/).
const MAX_DELAY_MS = 24 * 60 * MINUTE_MS;

/**
 * What to do after an attempt failed. What an operator has to mend is never the document's fault: it is retried, ever
 * more rarely, until somebody has.
 */
export function decideRetry(
  failed: FailedAttempt,
  { maxAttempts, random }: { maxAttempts: number; random: () => number },
): RetryDecision {
  switch (failed.class) {
    case 'permanent':
      return { kind: 'give-up' };
    case 'configuration':
      return retryAfter(backOff(failed.attempts, MINUTE_MS, 10 * MINUTE_MS), random);
    case 'transient':
      if (failed.attempts >= maxAttempts) return { kind: 'give-up' };
      return retryAfter(backOff(failed.attempts, 2 * SECOND_MS, 5 * MINUTE_MS), random);
    case 'rate-limited': {
      if (failed.attempts >= maxAttempts) return { kind: 'give-up' };
      const delayMs = backOff(failed.attempts, 30 * SECOND_MS, 15 * MINUTE_MS);
      return retryAfter(Math.max(delayMs, failed.retryAfterMs ?? 0), random);
    }
  }
}

function backOff(attempts: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** (attempts - 1));
}

// Only ever later: a vendor that names a time means it.
function retryAfter(delayMs: number, random: () => number): RetryDecision {
  return { kind: 'retry', delayMs: Math.min(MAX_DELAY_MS, Math.round(delayMs * (1 + random() / 4))) };
}
