import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { createCallUpstream } from '../resilience/call-upstream.ts';
import { createIsolateTelemetry } from '../telemetry/isolate-telemetry.ts';
import { createRateLimiter } from './rate-limiter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function arrange(limit: RateLimit['limit']) {
  const lines: string[] = [];
  const telemetry = createIsolateTelemetry((line) => lines.push(line));
  const callUpstream = createCallUpstream({ clock: systemClock, telemetry });
  const binding = { limit };
  const limiter = createRateLimiter({ name: 'reads', binding, clock: systemClock, callUpstream, telemetry });
  const events = () => lines.map((line) => JSON.parse(line)).filter(({ event }) => event.startsWith('rate-limit'));
  return { limiter, events };
}

test.each([true, false])('what the binding says counts: %s', async (success) => {
  const { limiter, events } = arrange(async ({ key }) => ({ success: success && key === 'key1' }));
  expect(await limiter.allows('key1')).toBe(success);
  expect(events()).toEqual([]);
});

test.each<[string, RateLimit['limit'], string]>([
  ['throws', () => Promise.reject(new Error('internal error')), 'RATE_LIMITER'],
  // What a binding might send that its types do not know.
  ['answers something else', async () => ({}) as never, 'BAD_ANSWER'],
])('a binding that %s lets the request through, with an event', async (_, limit, reason) => {
  const { limiter, events } = arrange(limit);
  expect(await limiter.allows('key1')).toBe(true);
  expect(events()).toEqual([{ event: 'rate-limit.unavailable', limiter: 'reads', reason }]);
});

test('a binding that hangs holds the request up for 200 ms at most', async () => {
  const { limiter, events } = arrange(() => new Promise(() => {}));
  const pending = limiter.allows('key1');
  await vi.advanceTimersByTimeAsync(200);
  expect(await pending).toBe(true);
  expect(events()).toEqual([{ event: 'rate-limit.unavailable', limiter: 'reads', reason: 'TIMEOUT' }]);
});
