import type { UpstreamError } from './upstream-error.ts';

const MAX_RETRIES = 2;
const FIRST_BACK_OFF_MS = 50;

/** Retries an isolate may make: one for ten calls. */
export const RETRY_BUDGET = { perCall: 0.1, max: 10 };

/**
 * How long to wait before trying again, or `null` when trying again makes no sense: full jitter, as
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ measured best. A rate limit is only tried
 * again when the vendor says when.
 */
export function retryDelay(
  error: UpstreamError,
  { retries, remainingMs, random }: { retries: number; remainingMs: number; random: () => number },
): number | null {
  if (retries >= MAX_RETRIES || !isWorthwhile(error)) return null;
  const backOffMs = random() * FIRST_BACK_OFF_MS * 2 ** retries;
  const delayMs = Math.max(backOffMs, error.retryAfterMs ?? 0);
  return delayMs < remainingMs ? delayMs : null;
}

function isWorthwhile({ class: errorClass, code, retryAfterMs }: UpstreamError): boolean {
  if (code === 'BREAKER_OPEN' || code === 'DEADLINE' || code === 'CANCELLED') return false;
  return errorClass === 'transient' || (errorClass === 'rate-limited' && retryAfterMs !== null);
}
