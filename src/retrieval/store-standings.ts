import type { Clock } from '../clock.ts';
import { type CallBudget, createCallBudget } from '../resilience/call-budget.ts';
import { createLatencySamples, type LatencySamples } from '../resilience/latency-samples.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/**
 * What an isolate has seen of its vector stores' speed. A breaker knows which store fails; a store that answers, but
 * far later than it used to, is demoted: asked only when the others fail, and tried now and then beside them.
 */
export interface StoreStandings {
  /** In the order they are to be asked: as configured, the demoted ones last. */
  rank(stores: readonly string[]): { preferred: string[]; demoted: string[] };
  isDemoted(store: string): boolean;
  /** When this store has usually answered: after that, asking another one too is worth it. */
  hedgeDelayMs(store: string): number;
  /** Whether one more call than stores are usually asked may be made. */
  tryExtraCall(): boolean;
  /** The demoted store whose turn it is to be tried beside the others, if there is one and a call may be spent on it. */
  takeTrial(demoted: readonly string[]): string | null;
  /** A question comes, which earns a share of an extra call. */
  noteQuestion(): void;
  noteAnswer(store: string, durationMs: number): void;
  /** Another store was asked later and answered first. */
  noteOvertaken(store: string, waitedMs: number): void;
}

type Standing =
  | { kind: 'good'; overtakenInARow: number }
  /** `usualMs`: how fast it used to be, and has to be again. */
  | { kind: 'demoted'; usualMs: number; nextTrialAtMs: number };

interface Entry {
  standing: Standing;
  latency: LatencySamples;
}

// Fewer than one in ten of the questions; what was saved up is there for the moment in which a store becomes slow.
const EXTRA_CALLS = { perCall: 0.08, max: 10 };
// By chance it happens to a healthy store once in thousands of questions: each time is one beyond its own P95.
const OVERTAKEN_TO_DEMOTE = 3;
// Longer than a query takes at its default timeout, so that trials do not overlap.
const TRIAL_EVERY_MS = 2_000;
const SAMPLES_TO_TRUST = 20;
const UNKNOWN_DELAY_MS = 250;

/** What lives as long as an isolate. */
export interface StandingsMemory {
  entries: Map<string, Entry>;
  budget: CallBudget;
}

export function createStandingsMemory(): StandingsMemory {
  return { entries: new Map(), budget: createCallBudget(EXTRA_CALLS) };
}

export function createStoreStandings(options: {
  memory: StandingsMemory;
  clock: Clock;
  telemetry: Telemetry;
  minHedgeDelayMs: number;
}): StoreStandings {
  const { clock, telemetry, minHedgeDelayMs } = options;
  const { entries, budget } = options.memory;

  function entryOf(store: string): Entry {
    const known = entries.get(store);
    if (known !== undefined) return known;
    const entry: Entry = { standing: { kind: 'good', overtakenInARow: 0 }, latency: createLatencySamples() };
    entries.set(store, entry);
    return entry;
  }

  function seenP95Ms({ latency }: Entry): number | null {
    return latency.percentileMs(0.95, clock.nowMs(), SAMPLES_TO_TRUST);
  }

  function usualMs(entry: Entry): number {
    return Math.max(minHedgeDelayMs, seenP95Ms(entry) ?? UNKNOWN_DELAY_MS);
  }

  /**
   * As fast as it used to be, or as any store that is asked now: slower than that, questions would wait for it. What is
   * only assumed of a store that nobody asks says nothing.
   */
  function isFastAgain(durationMs: number, demoted: Extract<Standing, { kind: 'demoted' }>): boolean {
    const others = [...entries.values()].filter(({ standing }) => standing.kind === 'good');
    return durationMs <= Math.max(demoted.usualMs, ...others.map((entry) => seenP95Ms(entry) ?? 0));
  }

  const isDemoted = (store: string) => entryOf(store).standing.kind === 'demoted';

  return {
    isDemoted,
    rank: (stores) => ({
      preferred: stores.filter((store) => !isDemoted(store)),
      demoted: stores.filter(isDemoted),
    }),

    hedgeDelayMs: (store) => usualMs(entryOf(store)),
    tryExtraCall: budget.tryWithdraw,
    noteQuestion: budget.deposit,

    takeTrial(demoted) {
      const nowMs = clock.nowMs();
      for (const store of demoted) {
        const { standing } = entryOf(store);
        if (standing.kind !== 'demoted' || nowMs < standing.nextTrialAtMs) continue;
        if (!budget.tryWithdraw()) return null;
        entryOf(store).standing = { ...standing, nextTrialAtMs: nowMs + TRIAL_EVERY_MS };
        return store;
      }
      return null;
    },

    noteAnswer(store, durationMs) {
      const entry = entryOf(store);
      const { standing } = entry;
      if (standing.kind === 'demoted') {
        if (!isFastAgain(durationMs, standing)) return;
        telemetry.emit({ event: 'store.restored', store, durationMs });
      }
      entry.standing = { kind: 'good', overtakenInARow: 0 };
      entry.latency.add(durationMs, clock.nowMs());
    },

    noteOvertaken(store, waitedMs) {
      const entry = entryOf(store);
      const { standing } = entry;
      if (standing.kind === 'demoted') return;
      const overtakenInARow = standing.overtakenInARow + 1;
      const nowMs = clock.nowMs();
      if (overtakenInARow < OVERTAKEN_TO_DEMOTE) {
        entry.standing = { kind: 'good', overtakenInARow };
        // It took at least that long; left out, the P95 of what remains would sink and sink.
        entry.latency.add(waitedMs, nowMs);
        return;
      }
      entry.standing = { kind: 'demoted', usualMs: usualMs(entry), nextTrialAtMs: nowMs + TRIAL_EVERY_MS };
      telemetry.emit({ event: 'store.demoted', store, usualMs: usualMs(entry), waitedMs });
    },
  };
}
