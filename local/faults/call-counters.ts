import type { Clock } from '../../src/clock.ts';
import type { Call } from './fault.ts';

export interface CallCount extends Call {
  received: number;
  /** Calls that a fault kept from their own answer, and of these the ones that were carried out all the same. */
  faulted: number;
  faultedWhenDone: number;
  /** Calls and streams whose client left before the end. */
  cancelled: number;
  /** The most that waited for the end of their answer at one moment; those received before a reset count while they last. */
  waitingMost: number;
}

/** One of the last calls. */
export interface LoggedCall extends Call {
  beganAtMs: number;
  /** `null` while it waits for the end of its answer. */
  endedAtMs: number | null;
}

const MAX_LOGGED = 10_000;
const NONE = { received: 0, faulted: 0, faultedWhenDone: 0, cancelled: 0, waitingMost: 0 };

/** Counts per service, instance and operation. */
export function createCallCounters(clock: Clock) {
  const counts = new Map<string, CallCount>();
  // By identity: a call may end in more than one way, and leaves only once.
  const waiting = new Map<string, Set<Call>>();
  const log = new Map<Call, LoggedCall>();

  function countOf(call: Call): CallCount {
    const key = keyOf(call);
    const count = counts.get(key) ?? { ...call, ...NONE };
    counts.set(key, count);
    return count;
  }

  function waitingLike(call: Call): Set<Call> {
    const key = keyOf(call);
    const calls = waiting.get(key) ?? new Set();
    waiting.set(key, calls);
    return calls;
  }

  return {
    received(call: Call): void {
      const count = countOf(call);
      const calls = waitingLike(call).add(call);
      count.received += 1;
      count.waitingMost = Math.max(count.waitingMost, calls.size);
      log.set(call, { ...call, beganAtMs: clock.nowMs(), endedAtMs: null });
      const [oldest] = log.keys();
      if (log.size > MAX_LOGGED && oldest !== undefined) log.delete(oldest);
    },
    ended(call: Call): void {
      waitingLike(call).delete(call);
      const logged = log.get(call);
      if (logged !== undefined) logged.endedAtMs ??= clock.nowMs();
    },
    faulted(call: Call, wasDone: boolean): void {
      const count = countOf(call);
      count.faulted += 1;
      if (wasDone) count.faultedWhenDone += 1;
    },
    cancelled(call: Call): void {
      countOf(call).cancelled += 1;
    },
    list(): CallCount[] {
      return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => ({ ...count }));
    },
    /** How many wait for the end of their answer now, by `service:instance/operation`; those without any are left out. */
    waiting(): Record<string, number> {
      const sizes = [...waiting].map(([key, calls]) => [key, calls.size] as const);
      return Object.fromEntries(sizes.filter(([, size]) => size > 0));
    },
    /** In the order they began. */
    log: (): LoggedCall[] => [...log.values()],
    reset(): void {
      counts.clear();
      log.clear();
    },
  };
}

function keyOf({ service, instance, operation }: Call): string {
  return `${service}:${instance}/${operation}`;
}
