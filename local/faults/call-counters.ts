import type { Call } from './fault.ts';

export interface CallCount extends Call {
  received: number;
  /** Calls and streams whose client left before the end. */
  cancelled: number;
}

/** Counts per service, instance and operation. */
export function createCallCounters() {
  const counts = new Map<string, CallCount>();

  function countOf(call: Call): CallCount {
    const key = `${call.service}:${call.instance}/${call.operation}`;
    const count = counts.get(key) ?? { ...call, received: 0, cancelled: 0 };
    counts.set(key, count);
    return count;
  }

  return {
    received(call: Call): void {
      countOf(call).received += 1;
    },
    cancelled(call: Call): void {
      countOf(call).cancelled += 1;
    },
    list(): CallCount[] {
      return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => ({ ...count }));
    },
    reset(): void {
      counts.clear();
    },
  };
}
