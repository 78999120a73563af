import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anUpstreamError, aRace } from '../../test/read-path-builders.ts';
import { fail, succeed } from '../result.ts';
import { askStores } from './ask-stores.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const UNKNOWN_DELAY_MS = 250;

/** Stores that answer, or fail, after a while; the race ends when the clock has been moved far enough. */
function arrange(answers: Record<string, { afterMs: number; fails?: string }>) {
  const deferred: Promise<unknown>[] = [];
  const services = { ...aRace(), defer: (_name: string, promise: Promise<unknown>) => void deferred.push(promise) };
  const asked: [string, number][] = [];
  const cancelled: string[] = [];
  let startedAtMs = 0;
  const stores = Object.keys(answers).map((name) => ({ name }));

  async function ask({ name }: { name: string }, signal: AbortSignal) {
    asked.push([name, Date.now() - startedAtMs]);
    const { afterMs, fails } = answers[name] ?? { afterMs: 0 };
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, afterMs);
    signal.addEventListener('abort', () => {
      cancelled.push(name);
      clearTimeout(timer);
      resolve();
    });
    await done;
    if (fails !== undefined) return fail(anUpstreamError({ dependency: name, code: fails }));
    return succeed({ matches: [], isComplete: true });
  }

  async function race() {
    startedAtMs = Date.now();
    asked.length = 0;
    cancelled.length = 0;
    const running = askStores(services, stores, ask);
    await vi.runAllTimersAsync();
    const { answered, failures, late } = await running;
    return {
      answered: answered?.store ?? null,
      failed: failures.map(({ store, error }) => `${store} ${error.code}`),
      late: late.map(({ store, reason }) => `${store} ${reason}`),
    };
  }

  return { race, services, stores, ask, asked, cancelled, deferred, answers };
}

describe('asking several stores', () => {
  it('asks the first one alone while it answers in its usual time', async () => {
    const { race, asked } = arrange({ a: { afterMs: 30 }, b: { afterMs: 30 } });
    expect(await race()).toEqual({ answered: 'a', failed: [], late: [] });
    expect(asked).toEqual([['a', 0]]);
  });

  it('asks the next one as soon as one fails, at no cost to the budget of extra calls', async () => {
    const { race, asked, services } = arrange({ a: { afterMs: 10, fails: 'X' }, b: { afterMs: 10 } });
    for (let n = 0; n < 30; n++) await race();
    expect(await race()).toEqual({ answered: 'b', failed: ['a X'], late: [] });
    expect(asked).toEqual([
      ['a', 0],
      ['b', 10],
    ]);
    expect(services.standings.tryExtraCall()).toBe(true);
  });

  it('answers with nothing when all fail', async () => {
    const { race } = arrange({ a: { afterMs: 1, fails: 'X' }, b: { afterMs: 1, fails: 'Y' } });
    expect(await race()).toEqual({ answered: null, failed: ['a X', 'b Y'], late: [] });
  });

  it('asks another one too when the first is late, takes the first answer and cancels the other call', async () => {
    const { race, asked, cancelled } = arrange({ a: { afterMs: 5_000 }, b: { afterMs: 40 } });
    expect(await race()).toEqual({ answered: 'b', failed: [], late: ['a SLOW'] });
    expect(asked).toEqual([
      ['a', 0],
      ['b', UNKNOWN_DELAY_MS],
    ]);
    expect(cancelled).toEqual(['a']);
  });

  it('counts the call that was overtaken among those that cost', async () => {
    const { race, services, stores, ask } = arrange({ a: { afterMs: 5_000 }, b: { afterMs: 40 } });
    await race();
    const running = askStores(services, stores, ask);
    await vi.runAllTimersAsync();
    expect((await running).paid).toEqual(['b', 'a']);
  });

  it('is not late itself when it still wins', async () => {
    const { race, cancelled } = arrange({ a: { afterMs: 260 }, b: { afterMs: 40 } });
    expect(await race()).toEqual({ answered: 'a', failed: [], late: [] });
    expect(cancelled).toEqual(['b']);
  });

  it('goes on to a third when two hang', async () => {
    const { race, asked } = arrange({ a: { afterMs: 5_000 }, b: { afterMs: 5_000 }, c: { afterMs: 40 } });
    expect(await race()).toEqual({ answered: 'c', failed: [], late: ['a SLOW', 'b SLOW'] });
    expect(asked.at(-1)).toEqual(['c', 2 * UNKNOWN_DELAY_MS]);
  });

  it('waits for the hedged call when the late one fails, without asking a third', async () => {
    const { race, asked } = arrange({ a: { afterMs: 260, fails: 'X' }, b: { afterMs: 200 }, c: { afterMs: 1 } });
    expect(await race()).toEqual({ answered: 'b', failed: ['a X'], late: [] });
    expect(asked.map(([name]) => name)).toEqual(['a', 'b']);
  });

  it('does not wait for the probe of a store that has failed', async () => {
    const world = arrange({ a: { afterMs: 1_000, fails: 'X' }, b: { afterMs: 40 } });
    const { race, services, asked, cancelled, deferred } = world;
    services.circuits = { rejectionOf: () => null, isProbing: (store) => store === 'a' };
    expect(await race()).toEqual({ answered: 'b', failed: [], late: ['a PROBING'] });
    expect(asked).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
    expect(cancelled).toEqual([]);
    expect(deferred).toHaveLength(1);
  });

  it('does not cancel a call that has become the probe only after it was asked', async () => {
    const { race, services, cancelled, deferred } = arrange({ a: { afterMs: 1_000, fails: 'X' }, b: { afterMs: 40 } });
    let looks = 0;
    services.circuits = { rejectionOf: () => null, isProbing: (store) => store === 'a' && looks++ > 0 };
    expect(await race()).toEqual({ answered: 'b', failed: [], late: ['a PROBING'] });
    expect(cancelled).toEqual([]);
    expect(deferred).toHaveLength(1);
  });

  it('is served by a store that works again when its probe is the first to answer', async () => {
    const { race, services, cancelled } = arrange({ a: { afterMs: 30 }, b: { afterMs: 40 } });
    services.circuits = { rejectionOf: () => null, isProbing: (store) => store === 'a' };
    expect(await race()).toEqual({ answered: 'a', failed: [], late: [] });
    expect(cancelled).toEqual(['b']);
  });

  it('waits when the budget of extra calls is spent', async () => {
    const { race, services, asked } = arrange({ a: { afterMs: 1_000 }, b: { afterMs: 40 } });
    while (services.standings.tryExtraCall());
    expect(await race()).toEqual({ answered: 'a', failed: [], late: [] });
    expect(asked).toEqual([['a', 0]]);
  });
});

it('learns nothing from a call that was cancelled and answers all the same', async () => {
  const { race, services } = arrange({ a: { afterMs: 300 }, b: { afterMs: 10 } });
  for (let n = 0; n < 3; n++) await race();
  expect(services.standings.rank(['a', 'b'])).toEqual({ preferred: ['b'], demoted: ['a'] });
});

describe('a store that has become slow', () => {
  async function demoted() {
    const world = arrange({ a: { afterMs: 3_000 }, b: { afterMs: 40 } });
    for (let n = 0; n < 3; n++) await world.race();
    return world;
  }

  it('is asked last, and said to be slow', async () => {
    const { race, asked } = await demoted();
    expect(await race()).toEqual({ answered: 'b', failed: [], late: ['a SLOW'] });
    expect(asked).toEqual([['b', 0]]);
  });

  it('is not tried while its breaker turns questions away, which is then what is said', async () => {
    const { race, services, asked } = await demoted();
    services.circuits = {
      rejectionOf: (store) => (store === 'a' ? anUpstreamError({ dependency: 'a', code: 'ISOLATED' }) : null),
      isProbing: () => false,
    };
    vi.advanceTimersByTime(10_000);
    expect(await race()).toEqual({ answered: 'b', failed: [], late: ['a ISOLATED'] });
    expect(asked).toEqual([['b', 0]]);
  });

  it('is still asked when the others fail', async () => {
    const { race, answers } = await demoted();
    answers.b = { afterMs: 1, fails: 'X' };
    expect(await race()).toEqual({ answered: 'a', failed: ['b X'], late: [] });
  });

  it('is tried beside the others, and used first again once it is fast', async () => {
    const { race, asked, answers, deferred, cancelled } = await demoted();
    vi.advanceTimersByTime(2_000);
    expect(await race()).toEqual({ answered: 'b', failed: [], late: ['a PROBING'] });
    expect(asked).toEqual([
      ['b', 0],
      ['a', 0],
    ]);
    expect(cancelled).toEqual([]);
    expect(deferred).toHaveLength(1);
    answers.a = { afterMs: 60 };
    vi.advanceTimersByTime(2_000);
    await race();
    expect(await race()).toEqual({ answered: 'a', failed: [], late: [] });
  });
});
