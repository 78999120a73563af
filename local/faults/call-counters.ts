import type { Call } from './fault.ts';

export interface CallCount extends Call {
  received: number;
  /** Calls and streams whose client left before the end. */
  cancelled: number;
  /** The most that waited for the end of their answer at one moment; those received before a reset count while they last. */
  waitingMost: number;
}

/** Counts per service, instance and operation. */
export function createCallCounters() {
  const counts = new Map<string, CallCount>();
  // By identity: a call may end in more than one way, and leaves only once.
  const waiting = new Map<string, Set<Call>>();

  function countOf(call: Call): CallCount {
    const key = keyOf(call);
    const count = counts.get(key) ?? { ...call, received: 0, cancelled: 0, waitingMost: 0 };
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
    },
    ended(call: Call): void {
      waitingLike(call).delete(call);
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
    reset(): void {
      counts.clear();
    },
  };
}

function keyOf({ service, instance, operation }: Call): string {
  return `${service}:${instance}/${operation}`;
}
