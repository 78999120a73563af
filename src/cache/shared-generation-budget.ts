import type { Clock } from '../clock.ts';
import type { GenerationBudget } from '../models/generation-budget.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import type { Defer } from '../telemetry/defer.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { CounterStore } from './counter-store.ts';
import { generationsKey } from './keys.ts';

/** When an isolate learned that nothing is left: until the slot is over it need not ask again. */
export interface BudgetMemory {
  spentSlot: number | null;
}

export interface SharedBudgetOptions {
  store: CounterStore;
  perMinute: number;
  memory: BudgetMemory;
  clock: Clock;
  telemetry: Telemetry;
  defer: Defer;
  writeTimeoutMs: number;
}

const SLOT_MS = 10_000;
const SLOTS_PER_MINUTE = 6;
/** A count, its time to live, and one command for all counts it is added to. */
const COMMANDS = 3;
/** A count and its time to live. */
const GIVE_BACK_COMMANDS = 2;
/** Longer than a slot is asked about. */
const TTL_MS = (SLOTS_PER_MINUTE + 2) * SLOT_MS;
const NOTHING = () => 0;

/**
 * A bucket whose tokens come back a minute after they were taken, ten seconds' worth at a time: a call is granted while
 * this slot and the six before it, which cover every minute that ends now, hold no more than the limit. Each count is
 * taken and read in one transaction, so of two that compete for the last token one sees the other. One for whom none was
 * left takes its count back.
 */
export function createSharedGenerationBudget(options: SharedBudgetOptions): GenerationBudget {
  const { store, perMinute, memory, clock, telemetry, defer, writeTimeoutMs } = options;

  function takeBack(slot: number): number {
    const deadline = deadlineIn(clock, writeTimeoutMs);
    defer('generation-budget.give-back', store.decrement(generationsKey(slot), TTL_MS, deadline));
    return GIVE_BACK_COMMANDS;
  }

  return {
    async take(deadline) {
      const slot = Math.floor(clock.nowMs() / SLOT_MS);
      if (memory.spentSlot === slot) {
        telemetry.count('generation.budget', { outcome: 'spent' });
        return { isGranted: false, commands: 0, giveBack: NOTHING };
      }
      const before = Array.from({ length: SLOTS_PER_MINUTE }, (_, n) => generationsKey(slot - 1 - n));
      const counted = await store.increment(generationsKey(slot), TTL_MS, before, deadline);
      if (!counted.ok) {
        // The vendor's own limit is still there, and its refusal is answered by the next model too.
        telemetry.count('generation.budget', { outcome: 'unknown' });
        return { isGranted: true, commands: COMMANDS, giveBack: NOTHING };
      }
      const inMinute = counted.value.others.reduce((sum, count) => sum + count, counted.value.value);
      const isGranted = inMinute <= perMinute;
      telemetry.count('generation.budget', { outcome: isGranted ? 'granted' : 'spent' });
      if (isGranted) return { isGranted, commands: COMMANDS, giveBack: () => takeBack(slot) };
      memory.spentSlot = slot;
      return { isGranted, commands: COMMANDS + takeBack(slot), giveBack: NOTHING };
    },
  };
}
