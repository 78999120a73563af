import type { Clock } from '../clock.ts';

/** What came of the last attempt to make something, if anybody is at it or has been just now. */
export type Flight = { kind: 'landed'; value: string } | { kind: 'failed' } | { kind: 'flying' } | { kind: 'nothing' };

/**
 * Keeps the requests of an isolate from making the same thing twice at the same moment. No request waits for another's
 * promise, which Workers may cancel: who comes second looks again, soon, for what the first has left behind.
 */
export interface Flights {
  /** True for the one who is to make it. Its turn ends by itself, should it never be heard of again. */
  tryTake(key: string): boolean;
  /** Ends the turn, and leaves the result for those who look within some seconds; `null` when there is none. */
  land(key: string, value: string | null): void;
  look(key: string): Flight;
}

/** What lives as long as an isolate; plain data, so that any request may use it. */
export interface FlightMemory {
  turns: Map<string, { untilMs: number }>;
  landed: Map<string, { value: string | null; untilMs: number }>;
}

const SHARED_FOR_MS = 3_000;
// Long enough for all who waited to see it, short enough for the next to try.
const FAILED_FOR_MS = 500;
// Some 10 KB each: an isolate has 128 MB.
const MAX_LANDED = 300;

export function createFlightMemory(): FlightMemory {
  return { turns: new Map(), landed: new Map() };
}

export function createFlights(options: { memory: FlightMemory; clock: Clock; turnMs: number }): Flights {
  const { clock, turnMs } = options;
  const { turns, landed } = options.memory;

  function forgetOld(nowMs: number): void {
    for (const [key, { untilMs }] of turns) if (untilMs <= nowMs) turns.delete(key);
    for (const [key, { untilMs }] of landed) {
      if (untilMs > nowMs && landed.size <= MAX_LANDED) return;
      landed.delete(key);
    }
  }

  return {
    tryTake(key) {
      const nowMs = clock.nowMs();
      if (nowMs < (turns.get(key)?.untilMs ?? 0)) return false;
      turns.set(key, { untilMs: nowMs + turnMs });
      return true;
    },

    land(key, value) {
      const nowMs = clock.nowMs();
      turns.delete(key);
      landed.delete(key);
      landed.set(key, { value, untilMs: nowMs + (value === null ? FAILED_FOR_MS : SHARED_FOR_MS) });
      forgetOld(nowMs);
    },

    look(key) {
      const nowMs = clock.nowMs();
      const found = landed.get(key);
      if (found !== undefined && nowMs < found.untilMs) {
        return found.value === null ? { kind: 'failed' } : { kind: 'landed', value: found.value };
      }
      return nowMs < (turns.get(key)?.untilMs ?? 0) ? { kind: 'flying' } : { kind: 'nothing' };
    },
  };
}
