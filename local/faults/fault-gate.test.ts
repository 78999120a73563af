import { describe, expect, it } from 'vitest';
import { createManualClock } from '../manual-clock.ts';
import type { Call, FaultMode, FaultTarget } from './fault.ts';
import { createFaultGate } from './fault-gate.ts';

const QUERY_PRIMARY: Call = { service: 'vectorize', instance: 'primary', operation: 'query' };
const QUERY_REPLICA: Call = { service: 'vectorize', instance: 'replica', operation: 'query' };
const UPSERT_PRIMARY: Call = { service: 'vectorize', instance: 'primary', operation: 'upsert' };

const VECTORIZE: FaultTarget = { service: 'vectorize', instance: null, operation: null };
const PRIMARY: FaultTarget = { ...VECTORIZE, instance: 'primary' };
const PRIMARY_QUERY: FaultTarget = { ...PRIMARY, operation: 'query' };

function aGate({ seed = 1 } = {}) {
  const clock = createManualClock();
  const waits: number[] = [];
  const gate = createFaultGate({
    clock,
    seed,
    async wait(ms) {
      waits.push(ms);
      // A fault's own expiry waits too; in these tests the clock alone ends a fault.
      if (ms >= 1_000_000) await new Promise(() => {});
    },
  });
  const set = (target: FaultTarget, mode: FaultMode) => gate.setFault({ target, mode, forMs: null });
  return { clock, gate, waits, set, kindOf: async (call: Call) => (await gate.admit(call)).kind };
}

describe('the fault gate', () => {
  it('lets every call pass at once when nothing is set', async () => {
    const { kindOf, waits } = aGate();
    expect(await kindOf(QUERY_PRIMARY)).toBe('pass');
    expect(waits).toEqual([]);
  });

  it.each(['error', 'hang', 'rate-limited', 'garbage', 'refused'] as const)(
    'answers %s to what the target covers',
    async (mode) => {
      const { kindOf, set } = aGate();
      await set(PRIMARY, mode);
      expect(await kindOf(QUERY_PRIMARY)).toBe(mode);
      expect(await kindOf(UPSERT_PRIMARY)).toBe(mode);
      expect(await kindOf(QUERY_REPLICA)).toBe('pass');
      expect(await kindOf({ ...QUERY_PRIMARY, service: 'vector' })).toBe('pass');
    },
  );

  it('prefers the narrower of two targets', async () => {
    const { kindOf, set } = aGate();
    await set(PRIMARY_QUERY, 'hang');
    await set(VECTORIZE, 'error');
    expect(await kindOf(QUERY_PRIMARY)).toBe('hang');
    expect(await kindOf(UPSERT_PRIMARY)).toBe('error');
    expect(await kindOf(QUERY_REPLICA)).toBe('error');
  });

  it('replaces the fault of the same target', async () => {
    const { gate, kindOf, set } = aGate();
    await set(PRIMARY, 'error');
    await set(PRIMARY, 'garbage');
    expect(await kindOf(QUERY_PRIMARY)).toBe('garbage');
    expect(gate.describe().faults).toHaveLength(1);
  });

  it('fails a share of the calls, the same ones for the same seed', async () => {
    const { gate, kindOf } = aGate();
    const admitted = async (seed: number) => {
      await gate.setFault({ target: VECTORIZE, mode: 'error', forMs: null, share: 0.2, seed });
      const kinds: string[] = [];
      for (let n = 0; n < 1_000; n++) kinds.push(await kindOf(QUERY_PRIMARY));
      return kinds;
    };
    const kinds = await admitted(3);
    const failed = kinds.filter((kind) => kind === 'error').length;
    expect(failed).toBeGreaterThan(160);
    expect(failed).toBeLessThan(240);
    expect(await admitted(3)).toEqual(kinds);
    expect(await admitted(4)).not.toEqual(kinds);
  });

  it('has a share of those that fail carried out first, the same ones for the same seed', async () => {
    const { gate, kindOf } = aGate();
    const admitted = async (seed: number) => {
      await gate.setFault({ target: VECTORIZE, mode: 'error', forMs: null, share: 0.5, doneShare: 0.5, seed });
      const kinds: string[] = [];
      for (let n = 0; n < 1_000; n++) kinds.push(await kindOf(QUERY_PRIMARY));
      return kinds;
    };
    const kinds = await admitted(3);
    for (const kind of ['error', 'late-error']) {
      expect(kinds.filter((one) => one === kind).length / kinds.length).toBeCloseTo(0.25, 1);
    }
    expect(await admitted(3)).toEqual(kinds);
    expect(await admitted(4)).not.toEqual(kinds);
  });

  it('ends a fault when its time is over', async () => {
    const { clock, gate, kindOf } = aGate();
    await gate.setFault({ target: VECTORIZE, mode: 'error', forMs: 1_000_000 });
    clock.advance(999_999);
    expect(gate.describe().faults).toEqual([{ target: 'vectorize', mode: 'error', remainingMs: 1 }]);
    expect(await kindOf(QUERY_PRIMARY)).toBe('error');
    clock.advance(1);
    expect(await kindOf(QUERY_PRIMARY)).toBe('pass');
  });

  it('clears one target or all', async () => {
    const { gate, kindOf, set } = aGate();
    await set(VECTORIZE, 'error');
    await set(PRIMARY, 'hang');
    await gate.clearFaults(PRIMARY);
    expect(await kindOf(QUERY_PRIMARY)).toBe('error');
    await gate.clearFaults(null);
    expect(await kindOf(QUERY_PRIMARY)).toBe('pass');
  });

  it('delays by the narrowest latency, and by ten times as much when slow', async () => {
    const { gate, kindOf, set, waits } = aGate();
    gate.setLatency(VECTORIZE, { kind: 'fixed', ms: 30 });
    gate.setLatency(PRIMARY_QUERY, { kind: 'fixed', ms: 50 });
    await kindOf(QUERY_PRIMARY);
    await kindOf(UPSERT_PRIMARY);
    await set(VECTORIZE, 'slow');
    expect(await kindOf(QUERY_PRIMARY)).toBe('pass');
    expect(waits).toEqual([50, 30, 500]);
  });

  it('slows by two seconds where no latency is configured, or by what is asked', async () => {
    const { gate, kindOf, set, waits } = aGate();
    await set(VECTORIZE, 'slow');
    await kindOf(QUERY_PRIMARY);
    await gate.setFault({ target: VECTORIZE, mode: 'slow', forMs: null, addMs: 7 });
    await kindOf(QUERY_PRIMARY);
    expect(waits).toEqual([2_000, 7]);
  });

  it('flaps between errors and passes, the same way for the same seed', async () => {
    const observe = async (seed: number) => {
      const { clock, kindOf, set } = aGate({ seed });
      await set(VECTORIZE, 'flapping');
      const kinds: string[] = [];
      for (let step = 0; step < 100; step++) {
        kinds.push(await kindOf(QUERY_PRIMARY));
        clock.advance(100);
      }
      return kinds;
    };
    const kinds = await observe(1);
    expect(kinds[0]).toBe('error');
    expect(new Set(kinds)).toEqual(new Set(['error', 'pass']));
    expect(await observe(1)).toEqual(kinds);
    expect(await observe(2)).not.toEqual(kinds);
  });

  it('counts calls received and cancelled by service, instance and operation', async () => {
    const { gate, kindOf } = aGate();
    await kindOf(QUERY_REPLICA);
    await kindOf(QUERY_PRIMARY);
    await kindOf(QUERY_PRIMARY);
    gate.cancelled(QUERY_PRIMARY);
    expect(gate.counters()).toEqual([
      { ...QUERY_PRIMARY, received: 2, faulted: 0, faultedWhenDone: 0, cancelled: 1, waitingMost: 1 },
      { ...QUERY_REPLICA, received: 1, faulted: 0, faultedWhenDone: 0, cancelled: 0, waitingMost: 1 },
    ]);
    gate.resetCounters();
    expect(gate.counters()).toEqual([]);
  });

  it('counts the most calls that waited at one moment since the last reset', async () => {
    const { gate, kindOf } = aGate();
    const waitingMost = () => gate.counters().map((count) => count.waitingMost);
    const aCall = () => ({ ...QUERY_PRIMARY });
    const [first, second, third, fourth] = [aCall(), aCall(), aCall(), aCall()];
    const admitAll = async (...calls: Call[]) => {
      for (const call of calls) await kindOf(call);
    };
    await admitAll(first, second);
    gate.ended(first);
    gate.ended(first);
    await admitAll(third);
    expect(waitingMost()).toEqual([2]);

    gate.resetCounters();
    gate.ended(second);
    await admitAll(fourth);
    expect(waitingMost()).toEqual([2]);

    for (const call of [third, fourth]) gate.ended(call);
    gate.resetCounters();
    await admitAll(aCall());
    expect(waitingMost()).toEqual([1]);
  });

  it('tells watchers when all of a service is refused and when it no longer is', async () => {
    const { gate, set } = aGate();
    const told: boolean[] = [];
    const stop = gate.watchRefusal('redis', async (refused) => {
      told.push(refused);
    });
    const redis: FaultTarget = { service: 'redis', instance: null, operation: null };
    await set(redis, 'refused');
    await gate.clearFaults(null);
    await set({ ...redis, operation: 'get' }, 'refused');
    stop();
    await set(redis, 'refused');
    expect(told).toEqual([true, false, false]);
  });

  it('tells watchers when a refusal has expired', async () => {
    const { gate } = aGate();
    const told: boolean[] = [];
    gate.watchRefusal('redis', async (refused) => {
      told.push(refused);
    });
    await gate.setFault({ target: { service: 'redis', instance: null, operation: null }, mode: 'refused', forMs: 10 });
    await expect.poll(() => told.at(-1)).toBe(false);
  });
});
