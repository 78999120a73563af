import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { createIsolateTelemetry } from '../telemetry/isolate-telemetry.ts';
import { createCallUpstream, type UpstreamCall } from './call-upstream.ts';
import { deadlineIn } from './deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function arrange(deadlineMs = 10_000, timeoutMs = 1_000) {
  const lines: string[] = [];
  const telemetry = createIsolateTelemetry((line) => lines.push(line));
  const callUpstream = createCallUpstream({ clock: systemClock, telemetry });
  const call: UpstreamCall = {
    dependency: 'vectorize',
    operation: 'query',
    deadline: deadlineIn(systemClock, deadlineMs),
    timeoutMs,
    classify: (error) => ({ class: 'permanent', code: '40006', message: String(error), retryAfterMs: 7 }),
  };
  return { callUpstream, call, telemetry, lines };
}

const never = () => new Promise<string>(() => {});

test('a value is passed on and counted', async () => {
  const { callUpstream, call, telemetry } = arrange();
  expect(await callUpstream(call, async () => 'found')).toEqual({ ok: true, value: 'found' });
  expect(telemetry.exposition()).toContain(
    'vigil_upstream_calls_total{dependency="vectorize",operation="query",outcome="ok"} 1',
  );
});

test('what the vendor throws comes back as a classified value, with an event', async () => {
  const { callUpstream, call, lines } = arrange();
  const outcome = await callUpstream(call, () => Promise.reject(new Error('wrong dimension')));
  expect(outcome).toMatchObject({
    ok: false,
    error: { dependency: 'vectorize', operation: 'query', class: 'permanent', code: '40006', retryAfterMs: 7 },
  });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ event: 'upstream.failed', code: '40006' }]);
});

test('a synchronous throw is a failure like any other', async () => {
  const { callUpstream, call } = arrange();
  const outcome = await callUpstream(call, () => {
    throw new Error('before the promise');
  });
  expect(outcome).toMatchObject({ ok: false, error: { message: 'Error: before the promise' } });
});

test('a call that takes its abort for an answer has timed out: it is given up before it is aborted', async () => {
  const { callUpstream, call } = arrange();
  const answersItself = (signal: AbortSignal) =>
    new Promise<string | null>((resolve) => signal.addEventListener('abort', () => resolve(null)));
  const pending = callUpstream(call, answersItself);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(await pending).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
});

test('a call that never ends is given up at its timeout, and its signal aborted', async () => {
  const { callUpstream, call } = arrange();
  let signal: AbortSignal | undefined;
  const pending = callUpstream(call, (given) => {
    signal = given;
    return never();
  });
  await vi.advanceTimersByTimeAsync(999);
  expect(signal?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await pending).toMatchObject({ ok: false, error: { class: 'transient', code: 'TIMEOUT' } });
  expect(signal?.aborted).toBe(true);
});

test("the request's deadline wins over a longer timeout", async () => {
  const { callUpstream, call } = arrange(300, 1_000);
  const pending = callUpstream(call, never);
  await vi.advanceTimersByTimeAsync(300);
  expect(await pending).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
});

test('with no time left nothing is called', async () => {
  const { callUpstream, call, telemetry } = arrange(100);
  await vi.advanceTimersByTimeAsync(100);
  const run = vi.fn(never);
  expect(await callUpstream(call, run)).toMatchObject({ ok: false, error: { code: 'DEADLINE' } });
  expect(run).not.toHaveBeenCalled();
  expect(telemetry.exposition()).toContain('outcome="skipped"} 1');
});

test('a failure after the timeout changes nothing and is not unhandled', async () => {
  const { callUpstream, call } = arrange();
  const { promise, reject } = Promise.withResolvers<string>();
  const pending = callUpstream(call, () => promise);
  await vi.advanceTimersByTimeAsync(1_000);
  reject(new Error('too late'));
  expect(await pending).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
  expect(vi.getTimerCount()).toBe(0);
});

test('a call nobody wants any more ends at once, its signal aborted, and is no failure of the dependency', async () => {
  const { callUpstream, call, telemetry, lines } = arrange();
  const caller = new AbortController();
  let signal: AbortSignal | undefined;
  const pending = callUpstream({ ...call, signal: caller.signal }, (given) => {
    signal = given;
    return never();
  });
  caller.abort();
  expect(await pending).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
  expect(signal?.aborted).toBe(true);
  expect(lines).toEqual([]);
  expect(telemetry.exposition()).toContain('outcome="cancelled"} 1');
});

test('a call that nobody wanted before it began is not made', async () => {
  const { callUpstream, call } = arrange();
  const outcome = await callUpstream({ ...call, signal: AbortSignal.abort() }, () => {
    throw new Error('it was made');
  });
  expect(outcome).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
});

test('a call whose deadline nobody waits for any more is cancelled, and no other begins', async () => {
  const { callUpstream, call, telemetry } = arrange();
  const leaving = new AbortController();
  const unwanted = { ...call, deadline: deadlineIn(systemClock, 10_000, leaving.signal) };
  const signals: AbortSignal[] = [];
  const ask = () =>
    callUpstream(unwanted, (signal) => {
      signals.push(signal);
      return never();
    });
  const pending = ask();
  leaving.abort();
  for (const outcome of [await pending, await ask()]) {
    expect(outcome).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
  }
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(unwanted.deadline.remainingMs()).toBe(0);
  expect(telemetry.exposition()).toContain(
    'vigil_upstream_calls_total{dependency="vectorize",operation="query",outcome="cancelled"} 2',
  );
});
