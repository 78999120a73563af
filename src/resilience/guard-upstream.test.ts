import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { systemClock } from '../clock.ts';
import { createIsolateTelemetry } from '../telemetry/isolate-telemetry.ts';
import { createCallBudget } from './call-budget.ts';
import { createCallUpstream, type UpstreamCall } from './call-upstream.ts';
import { createCircuits } from './circuits.ts';
import { createConnectionSlots, MAX_WAITING_CALLS } from './connection-slots.ts';
import { deadlineIn } from './deadline.ts';
import { guardUpstream } from './guard-upstream.ts';
import { createHintMemory, createOpenHintExchange, type OpenHints } from './open-hint-exchange.ts';
import { RETRY_BUDGET } from './retry.ts';
import type { UpstreamErrorClass } from './upstream-error.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class VendorError extends Error {
  readonly class: UpstreamErrorClass;
  readonly retryAfterMs: number | null;
  constructor(errorClass: UpstreamErrorClass, retryAfterMs: number | null = null) {
    super(errorClass);
    this.class = errorClass;
    this.retryAfterMs = retryAfterMs;
  }
}

function arrange({ hints = silentHints() }: { hints?: OpenHints } = {}) {
  const lines: string[] = [];
  const telemetry = createIsolateTelemetry((line) => lines.push(line));
  const circuits = createCircuits({ clock: systemClock, telemetry });
  const retryBudget = createCallBudget(RETRY_BUDGET);
  const memory = createHintMemory();
  const deferred: Promise<unknown>[] = [];
  const orders = { isolated: new Set<string>(), pending: null as Promise<void> | null };
  /** As each request gets it: connections are its own, the rest its isolate's. */
  const request = () =>
    guardUpstream({
      callOnce: createCallUpstream({ clock: systemClock, telemetry }),
      circuits,
      slots: createConnectionSlots(MAX_WAITING_CALLS),
      retryBudget,
      orders: { isIsolated: (name) => orders.isolated.has(name), refresh: () => orders.pending },
      hints: createOpenHintExchange({
        hints,
        memory,
        circuits,
        clock: systemClock,
        defer: (_, promise) => void deferred.push(promise),
      }),
      clock: systemClock,
      telemetry,
      random: createSeededRandom(1, 'retries'),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  const aCall = (parts: Partial<UpstreamCall> = {}): UpstreamCall => ({
    dependency: 'vectorize',
    operation: 'query',
    deadline: deadlineIn(systemClock, 8_000),
    timeoutMs: 1_000,
    classify: (error) => {
      if (!(error instanceof VendorError)) throw error;
      return { class: error.class, code: 'VENDOR', message: error.message, retryAfterMs: error.retryAfterMs };
    },
    ...parts,
  });
  return { request, callUpstream: request(), aCall, circuits, telemetry, lines, orders, deferred };
}

function silentHints(): OpenHints {
  return { read: async () => [], write: async () => {} };
}

const failing = (errorClass: UpstreamErrorClass) => async () => {
  throw new VendorError(errorClass);
};
const never = () => new Promise<string>(() => {});

async function open({ callUpstream, aCall }: Pick<ReturnType<typeof arrange>, 'callUpstream' | 'aCall'>) {
  for (let n = 0; n < 5; n++) await callUpstream(aCall(), failing('transient'));
}

describe('an open breaker', () => {
  test('rejects without calling, says until when, and counts it', async () => {
    const world = arrange();
    await open(world);
    const run = vi.fn(never);
    expect(await world.callUpstream(world.aCall(), run)).toEqual({
      ok: false,
      error: {
        dependency: 'vectorize',
        operation: 'query',
        class: 'transient',
        code: 'BREAKER_OPEN',
        message: 'it failed too often lately',
        retryAfterMs: 500,
      },
    });
    expect(run).not.toHaveBeenCalled();
    expect(world.telemetry.exposition()).toContain(
      'vigil_upstream_calls_total{dependency="vectorize",operation="query",outcome="open"} 1',
    );
    expect(world.lines.map((line) => JSON.parse(line))).toContainEqual({
      event: 'breaker.changed',
      circuit: 'vectorize',
      from: 'closed',
      to: 'open',
      code: 'VENDOR',
    });
  });

  test('leaves other dependencies and other circuits alone', async () => {
    const world = arrange();
    await open(world);
    expect((await world.callUpstream(world.aCall({ circuit: 'vectorize:other' }), async () => 1)).ok).toBe(true);
    expect((await world.callUpstream(world.aCall({ dependency: 'upstash' }), async () => 1)).ok).toBe(true);
  });

  test('lets one call of all requests probe, and closes when it is answered', async () => {
    const world = arrange();
    await open(world);
    await vi.advanceTimersByTimeAsync(500);
    const { promise, resolve } = Promise.withResolvers<string>();
    const probe = world.request()(world.aCall(), () => promise);
    expect(await world.request()(world.aCall(), never)).toMatchObject({ error: { code: 'BREAKER_OPEN' } });
    resolve('well again');
    expect((await probe).ok).toBe(true);
    expect((await world.request()(world.aCall(), async () => 1)).ok).toBe(true);
  });

  test('keeps the slot of a probe beyond its timeout, whose timer may come late', async () => {
    const world = arrange();
    await open(world);
    await vi.advanceTimersByTimeAsync(500);
    const probe = world.request()(world.aCall({ timeoutMs: 1_000 }), never);
    await vi.advanceTimersByTimeAsync(999);
    expect(world.circuits.view('vectorize')).toMatchObject({ state: 'half-open', retryAfterMs: 1_001 });
    await vi.advanceTimersByTimeAsync(1);
    expect(await probe).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(world.circuits.view('vectorize').state).toBe('open');
  });

  test('is probed again after the slot of a probe that nobody heard of', async () => {
    const world = arrange();
    await open(world);
    await vi.advanceTimersByTimeAsync(500);
    const cancelled = world.circuits.admit('vectorize', 1_000);
    expect(cancelled.kind).toBe('admitted');
    await vi.advanceTimersByTimeAsync(999);
    expect((await world.callUpstream(world.aCall(), async () => 1)).ok).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect((await world.callUpstream(world.aCall(), async () => 1)).ok).toBe(true);
  });
});

describe('a breaker', () => {
  test.each(['permanent', 'configuration'] as const)('stays closed whatever is answered (%s)', async (errorClass) => {
    const { callUpstream, aCall } = arrange();
    for (let n = 0; n < 30; n++) await callUpstream(aCall(), failing(errorClass));
    expect((await callUpstream(aCall(), async () => 1)).ok).toBe(true);
  });

  test('opens on rate limits and on timeouts', async () => {
    const { callUpstream, aCall, circuits } = arrange();
    for (let n = 0; n < 5; n++) await callUpstream(aCall({ dependency: 'limited' }), failing('rate-limited'));
    expect(circuits.view('limited').state).toBe('open');
    const hung = Array.from({ length: 5 }, () => callUpstream(aCall({ dependency: 'hung' }), never));
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(hung);
    expect(circuits.view('hung')).toMatchObject({ state: 'open', lastError: { class: 'transient', code: 'TIMEOUT' } });
  });

  test('does not hold it against a dependency that a request had no time left', async () => {
    const { request, aCall, circuits } = arrange();
    const hurried = Array.from({ length: 9 }, () =>
      request()(aCall({ deadline: deadlineIn(systemClock, 100) }), never),
    );
    await vi.advanceTimersByTimeAsync(100);
    expect(await Promise.all(hurried)).toMatchObject(Array(9).fill({ error: { code: 'TIMEOUT' } }));
    expect(circuits.view('vectorize').state).toBe('closed');
  });
});

describe('an isolated dependency', () => {
  test('is not called, until it is released and one call has shown that it works', async () => {
    const { callUpstream, aCall, orders, circuits } = arrange();
    orders.isolated.add('vectorize');
    const run = vi.fn(async () => 1);
    const error = { code: 'ISOLATED', class: 'configuration', retryAfterMs: null };
    expect(await callUpstream(aCall(), run)).toMatchObject({ ok: false, error });
    expect(await callUpstream(aCall({ circuit: 'vectorize:part' }), run)).toMatchObject({ ok: false, error });
    expect(run).not.toHaveBeenCalled();
    orders.isolated.clear();
    expect((await callUpstream(aCall(), run)).ok).toBe(true);
    expect(circuits.view('vectorize').state).toBe('closed');
  });

  test('is known before the call when the orders have to be read first', async () => {
    const { callUpstream, aCall, orders } = arrange();
    orders.pending = Promise.resolve().then(() => void orders.isolated.add('vectorize'));
    expect(await callUpstream(aCall(), never)).toMatchObject({ error: { code: 'ISOLATED' } });
  });
});

describe('a retry', () => {
  function flaky(failures: number, errorClass: UpstreamErrorClass, retryAfterMs: number | null = null) {
    const startedAt: number[] = [];
    return {
      startedAt,
      run: async () => {
        startedAt.push(Date.now());
        if (startedAt.length <= failures) throw new VendorError(errorClass, retryAfterMs);
        return 'found';
      },
    };
  }

  async function outcomeOf(pending: Promise<unknown>) {
    await vi.advanceTimersByTimeAsync(20_000);
    return pending;
  }

  test('is made at most twice, at random moments within growing bounds', async () => {
    const { callUpstream, aCall } = arrange();
    const twice = flaky(2, 'transient');
    expect(await outcomeOf(callUpstream(aCall({ idempotent: true }), twice.run))).toEqual({ ok: true, value: 'found' });
    const [first = 0, second = 0, third = 0] = twice.startedAt;
    expect(second - first).toBeLessThanOrEqual(50);
    expect(third - second).toBeLessThanOrEqual(100);
    const thrice = flaky(3, 'transient');
    expect(await outcomeOf(callUpstream(aCall({ idempotent: true }), thrice.run))).toMatchObject({ ok: false });
    expect(thrice.startedAt).toHaveLength(3);
  });

  test.each([
    ['a call that is not idempotent', { idempotent: false }, 'transient', null],
    ['a permanent failure', { idempotent: true }, 'permanent', null],
    ['a wrong configuration', { idempotent: true }, 'configuration', null],
    ['a rate limit without a time', { idempotent: true }, 'rate-limited', null],
    ['a rate limit that outlasts the call', { idempotent: true }, 'rate-limited', 1_000],
    ['a rate limit that outlasts the request', { idempotent: true, timeoutMs: 60_000 }, 'rate-limited', 8_000],
  ] as const)('is not made after %s', async (_, parts, errorClass, retryAfterMs) => {
    const { callUpstream, aCall } = arrange();
    const once = flaky(1, errorClass, retryAfterMs);
    expect(await outcomeOf(callUpstream(aCall(parts), once.run))).toMatchObject({ ok: false });
    expect(once.startedAt).toHaveLength(1);
  });

  test('waits as long as the vendor says', async () => {
    const { callUpstream, aCall } = arrange();
    const limited = flaky(1, 'rate-limited', 700);
    expect(await outcomeOf(callUpstream(aCall({ idempotent: true }), limited.run))).toMatchObject({ ok: true });
    expect((limited.startedAt[1] ?? 0) - (limited.startedAt[0] ?? 0)).toBe(700);
  });

  test('is not made after a timeout, which has taken all of the time', async () => {
    const { callUpstream, aCall } = arrange();
    const run = vi.fn(never);
    const startedAtMs = Date.now();
    const pending = callUpstream(aCall({ idempotent: true }), run).then(() => Date.now() - startedAtMs);
    expect(await outcomeOf(pending)).toBe(1_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test('is not made when the breaker has opened', async () => {
    const { callUpstream, aCall } = arrange();
    for (let n = 0; n < 4; n++) await callUpstream(aCall(), failing('transient'));
    const run = vi.fn(failing('transient'));
    expect(await outcomeOf(callUpstream(aCall({ idempotent: true }), run))).toMatchObject({ ok: false });
    expect(run).toHaveBeenCalledTimes(1);
  });

  test('is one for ten calls in the long run', async () => {
    const { callUpstream, aCall, telemetry } = arrange();
    let calls = 0;
    for (let n = 0; n < 500; n++) {
      // Circuits of their own, so that no breaker is in the way.
      const call = aCall({ idempotent: true, circuit: `circuit ${n}` });
      const pending = callUpstream(call, () => {
        calls += 1;
        return failing('transient')();
      });
      await vi.advanceTimersByTimeAsync(200);
      await pending;
    }
    // The bucket starts full, with ten.
    expect(calls - 500).toBeLessThanOrEqual(10 + 500 / 10);
    expect(calls - 500).toBeGreaterThan(50);
    expect(telemetry.exposition()).toContain('outcome="over-budget"');
  });
});

describe('the calls of one request', () => {
  test('wait five at a time, first come first served', async () => {
    const { callUpstream, aCall } = arrange();
    const started: number[] = [];
    let waiting = 0;
    let most = 0;
    const pending = Array.from({ length: 23 }, (_, n) =>
      callUpstream(aCall(), async () => {
        started.push(n);
        most = Math.max(most, ++waiting);
        await new Promise((resolve) => setTimeout(resolve, 50 + ((n * 7) % 30)));
        waiting -= 1;
        if (n % 4 === 1) throw new VendorError('permanent');
      }),
    );
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(pending);
    expect(most).toBe(5);
    expect(started).toEqual(Array.from({ length: 23 }, (_, n) => n));
  });

  test('do not queue beyond the deadline, and those after them still get their turn', async () => {
    const { callUpstream, aCall } = arrange();
    const long = () => new Promise((resolve) => setTimeout(resolve, 900));
    const first = Array.from({ length: 5 }, () => callUpstream(aCall(), long));
    const hurried = callUpstream(aCall({ deadline: deadlineIn(systemClock, 300) }), long);
    const patient = callUpstream(aCall(), long);
    await vi.advanceTimersByTimeAsync(300);
    expect(await hurried).toMatchObject({ error: { code: 'DEADLINE' } });
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await Promise.all(first)).toMatchObject(Array(5).fill({ ok: true }));
    expect(await patient).toMatchObject({ ok: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('never wait for one another across requests', async () => {
    const { request, aCall } = arrange();
    const busy = Array.from({ length: 5 }, () => request()(aCall(), never));
    expect((await request()(aCall(), async () => 1)).ok).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(busy);
  });
});

test('a call that nothing has been fast enough for lately is skipped, and recorded', async () => {
  const { callUpstream, aCall, telemetry } = arrange();
  for (let n = 0; n < 3; n++) {
    const answered = callUpstream(aCall(), () => new Promise((resolve) => setTimeout(resolve, 400)));
    await vi.advanceTimersByTimeAsync(400);
    await answered;
  }
  const run = vi.fn(never);
  const hurried = aCall({ deadline: deadlineIn(systemClock, 300) });
  expect(await callUpstream(hurried, run)).toMatchObject({ error: { code: 'DEADLINE' } });
  expect(run).not.toHaveBeenCalled();
  expect(telemetry.exposition()).toContain('outcome="skipped"} 1');
  await vi.advanceTimersByTimeAsync(61_000);
  expect(await callUpstream({ ...hurried, deadline: deadlineIn(systemClock, 300) }, async () => 1)).toMatchObject({
    ok: true,
  });
});

describe('word of an open breaker', () => {
  test('reaches a neighbour, which then opens without failing first', async () => {
    let entry: Awaited<ReturnType<OpenHints['read']>> = [];
    const location: OpenHints = {
      read: async () => entry,
      write: async (written) => {
        entry = written;
      },
    };
    const [here, neighbour] = [arrange({ hints: location }), arrange({ hints: location })];
    await open(here);
    await Promise.all(here.deferred);
    // The first call only starts the reading.
    expect((await neighbour.callUpstream(neighbour.aCall({ dependency: 'redis' }), async () => 1)).ok).toBe(true);
    await Promise.all(neighbour.deferred);
    const run = vi.fn(never);
    expect(await neighbour.callUpstream(neighbour.aCall(), run)).toMatchObject({ error: { code: 'BREAKER_OPEN' } });
    expect(run).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(500);
    expect((await neighbour.callUpstream(neighbour.aCall(), async () => 1)).ok).toBe(true);
  });

  test('is read at most once a second, and no call waits for it', async () => {
    const read = vi.fn(() => new Promise<never>(() => {}));
    const { request, aCall } = arrange({ hints: { read, write: async () => {} } });
    for (let n = 0; n < 30; n++) {
      expect((await request()(aCall(), async () => 1)).ok).toBe(true);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(read).toHaveBeenCalledTimes(3);
  });

  test('that is for longer than 5 s or over is not believed', async () => {
    const nowMs = Date.now();
    const heard = [
      { circuit: 'vectorize', openedAtMs: nowMs, untilMs: nowMs + 60_000 },
      { circuit: 'upstash', openedAtMs: nowMs - 2_000, untilMs: nowMs - 1_000 },
    ];
    const { callUpstream, aCall, deferred, circuits } = arrange({
      hints: { read: async () => heard, write: async () => {} },
    });
    await callUpstream(aCall({ dependency: 'redis' }), async () => 1);
    await Promise.all(deferred);
    expect([circuits.view('vectorize').state, circuits.view('upstash').state]).toEqual(['closed', 'closed']);
  });
});
