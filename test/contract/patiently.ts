import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from '../../src/resilience/deadline.ts';
import type { UpstreamError } from '../../src/resilience/upstream-error.ts';
import type { Result } from '../../src/result.ts';

const PAUSE_MS = 5_000;

/** Calls again while the answer is "too many", which a shared account may say at any time, until the time is up. */
export async function patiently<T>(
  deadline: Deadline,
  call: () => Promise<Result<T, UpstreamError>>,
): Promise<Result<T, UpstreamError>> {
  const result = await call();
  if (result.ok || result.error.class !== 'rate-limited' || deadline.remainingMs() < 2 * PAUSE_MS) return result;
  await sleep(PAUSE_MS);
  return patiently(deadline, call);
}
