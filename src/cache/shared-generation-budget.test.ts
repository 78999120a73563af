import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { anUpstreamError, inSeconds, silentTelemetry } from '../../test/read-path-builders.ts';
import { createMemoryCounterStore } from '../../test/support/memory-counter-store.ts';
import { fail } from '../result.ts';
import type { CounterStore } from './counter-store.ts';
import { createSharedGenerationBudget } from './shared-generation-budget.ts';

const MINUTE_MS = 60_000;

/** Isolates that share one budget. */
function aBudget(perMinute: number, isolates = 3) {
  const clock = createManualClock();
  const shared = createMemoryCounterStore(clock);
  const world = { isDown: false, asked: 0 };
  const store: CounterStore = {
    async increment(...asked) {
      world.asked += 1;
      return world.isDown ? fail(anUpstreamError({ dependency: 'redis' })) : shared.increment(...asked);
    },
    decrement: shared.decrement,
  };
  const deferred: Promise<unknown>[] = [];
  const budgets = Array.from({ length: isolates }, () =>
    createSharedGenerationBudget({
      ...{ store, perMinute, clock, telemetry: silentTelemetry, writeTimeoutMs: 1_000 },
      memory: { spentSlot: null },
      defer: (_name, promise) => void deferred.push(promise),
    }),
  );
  const settle = () => Promise.all(deferred.splice(0));
  return {
    ...{ clock, world, settle },
    take: (isolate = 0) => {
      const budget = budgets[isolate % budgets.length];
      if (budget === undefined) throw new Error('no such isolate');
      return budget.take(inSeconds(5, clock));
    },
  };
}

describe('the budget of generations', () => {
  it('grants no more than the limit within any minute, whoever asks when', async () => {
    const call = fc.record({ waitMs: fc.nat(4_000), isolate: fc.nat(2), burst: fc.integer({ min: 1, max: 6 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), async (calls, limit) => {
        const { clock, take } = aBudget(limit);
        const grantedAtMs: number[] = [];
        for (const { waitMs, isolate, burst } of calls) {
          clock.advance(waitMs);
          const turns = await Promise.all(Array.from({ length: burst }, (_, n) => take(isolate + n)));
          for (const { isGranted } of turns) if (isGranted) grantedAtMs.push(clock.nowMs());
        }
        for (const endMs of grantedAtMs) {
          const inMinute = grantedAtMs.filter((atMs) => atMs <= endMs && atMs > endMs - MINUTE_MS);
          expect(inMinute.length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('can be spent at once, and is whole again when a minute and a slot have passed', async () => {
    const { clock, take, settle } = aBudget(5);
    const granted = async () => {
      const turns = await Promise.all(Array.from({ length: 8 }, (_, n) => take(n)));
      await settle();
      return turns.filter(({ isGranted }) => isGranted).length;
    };
    expect(await granted()).toBe(5);
    clock.advance(MINUTE_MS - 1);
    expect(await granted()).toBe(0);
    clock.advance(10_001);
    expect(await granted()).toBe(5);
  });

  it('is not asked again by an isolate that knows it to be spent, until some of it can have come back', async () => {
    const { clock, world, take } = aBudget(1);
    for (let n = 0; n < 10; n++) await take();
    expect(world.asked).toBe(2);
    clock.advance(10_000);
    // Its count is taken back.
    expect(await take()).toMatchObject({ isGranted: false, commands: 5 });
    expect(world.asked).toBe(3);
  });

  it('has the turns again that were not used, and those that were refused never count', async () => {
    const { take, settle } = aBudget(2, 6);
    const turn = await take(0);
    await take(1);
    expect(await take(2)).toMatchObject({ isGranted: false });
    expect(turn.giveBack()).toBe(2);
    await settle();
    expect(await take(3)).toMatchObject({ isGranted: true });
    expect(await take(4)).toMatchObject({ isGranted: false });
  });

  it('holds nobody up when nobody can tell what is left', async () => {
    const { world, take } = aBudget(1);
    world.isDown = true;
    for (let n = 0; n < 3; n++) expect(await take()).toMatchObject({ isGranted: true });
  });
});
