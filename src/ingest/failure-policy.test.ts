import { expect, it } from 'vitest';
import { decideRetry } from './failure-policy.ts';

const options = { maxAttempts: 8, random: () => 0 };
const MINUTE_MS = 60_000;

it.each([
  ['transient', 1, null, 2_000],
  ['transient', 4, null, 16_000],
  ['transient', 7, null, 128_000],
  ['transient', 8, null, 'give-up'],
  ['rate-limited', 1, null, 30_000],
  ['rate-limited', 1, 5_000, 30_000],
  ['rate-limited', 1, 120_000, 120_000],
  ['rate-limited', 7, null, 15 * MINUTE_MS],
  ['rate-limited', 8, null, 'give-up'],
  ['configuration', 1, null, MINUTE_MS],
  ['configuration', 500, null, 10 * MINUTE_MS],
  ['permanent', 1, null, 'give-up'],
] as const)('%s, attempt %i, retry after %s: %s', (errorClass, attempts, retryAfterMs, expected) => {
  const decision = decideRetry({ class: errorClass, attempts, retryAfterMs }, options);
  expect(decision.kind === 'retry' ? decision.delayMs : decision.kind).toBe(expected);
});

it('spreads retries by up to a quarter, and only ever later', () => {
  const decision = decideRetry(
    { class: 'transient', attempts: 1, retryAfterMs: null },
    { maxAttempts: 8, random: () => 1 },
  );
  expect(decision).toEqual({ kind: 'retry', delayMs: 2_500 });
});

it('never delays by more than the day a queue allows', () => {
  const failed = { class: 'rate-limited' as const, attempts: 1, retryAfterMs: 1e12 };
  expect(decideRetry(failed, options)).toEqual({ kind: 'retry', delayMs: 24 * 60 * MINUTE_MS });
});
