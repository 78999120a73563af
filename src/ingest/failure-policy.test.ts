import { expect, it } from 'vitest';
import { decideRetry } from './failure-policy.ts';

const options = { maxAttempts: 8, random: () => 0 };
const MINUTE_MS = 60_000;

it.each([
  ['transient', 1, null, 2_000],
  ['transient', 4, null, 16_000],
  ['transient', 7, null, 128_000],
  ['transient', 500, null, 4 * MINUTE_MS],
  ['rate-limited', 1, null, 30_000],
  ['rate-limited', 1, 5_000, 30_000],
  ['rate-limited', 1, 120_000, 120_000],
  ['rate-limited', 500, null, 12 * MINUTE_MS],
  ['configuration', 1, null, MINUTE_MS],
  ['configuration', 500, null, 10 * MINUTE_MS],
  ['permanent', 1, null, 'give-up'],
] as const)('%s, attempt %i, retry after %s: %s', (errorClass, attempts, retryAfterMs, expected) => {
  const decision = decideRetry({ class: errorClass, attempts, retryAfterMs }, options);
  expect(decision.kind === 'retry' ? decision.delayMs : decision.kind).toBe(expected);
});

it.each([
  ['transient', 7, 'queue'],
  ['transient', 8, 'sweep'],
  ['rate-limited', 8, 'sweep'],
  ['configuration', 1, 'sweep'],
] as const)('%s, attempt %i: the %s retries', (errorClass, attempts, by) => {
  expect(decideRetry({ class: errorClass, attempts, retryAfterMs: null }, options)).toMatchObject({ by });
});

it('waits at most five minutes during an outage and fifteen for a limit', () => {
  const longestMs = (['transient', 'rate-limited'] as const).map((errorClass) => {
    const decision = decideRetry(
      { class: errorClass, attempts: 500, retryAfterMs: null },
      { maxAttempts: 8, random: () => 1 },
    );
    return decision.kind === 'retry' && decision.delayMs;
  });
  expect(longestMs).toEqual([5 * MINUTE_MS, 15 * MINUTE_MS]);
});

it('spreads retries by up to a quarter, and only ever later', () => {
  const decision = decideRetry(
    { class: 'transient', attempts: 1, retryAfterMs: null },
    { maxAttempts: 8, random: () => 1 },
  );
  expect(decision).toEqual({ kind: 'retry', delayMs: 2_500, by: 'queue' });
});

it('never delays by more than the day a queue allows', () => {
  const failed = { class: 'rate-limited' as const, attempts: 1, retryAfterMs: 1e12 };
  expect(decideRetry(failed, options)).toMatchObject({ delayMs: 24 * 60 * MINUTE_MS });
});
