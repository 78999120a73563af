import type { Clock } from '../clock.ts';

/** How an attempt to make something ended; a failure as its reason. */
export type Landing<F> = { kind: 'made'; value: string } | { kind: 'failed'; failure: F };

/** What came of the last attempt to make something, if anybody is at it or has been just now. */
export type Flight<F> =
  | { kind: 'made'; value: string }
  /** `attempts`: in a row, within moments of each other. */
  | { kind: 'failed'; failure: F; attempts: number }
  | { kind: 'flying' }
  | { kind: 'nothing' };

/**
 * Keeps the requests of an isolate from making the same thing twice at the same moment. No request waits for another's
 * promise, which Workers may cancel: who comes second looks again, soon, for what the first has left behind.
 */
export interface Flights<F> {
  /** True for the one who is to make it. Its turn ends by itself, should it never be heard of again. */
  tryTake(key: string): boolean;
  /** Ends the turn, and leaves what came of it for those who look within some seconds. */
  land(key: string, landing: Landing<F>): void;
  look(key: string): Flight<F>;
}

/** What lives as long as an isolate; plain data, so that any request may use it. */
export interface FlightMemory<F> {
  turns: Map<string, { untilMs: number }>;
  landed: Map<string, { landing: Landing<F>; attempts: number; untilMs: number }>;
}

const SHARED_FOR_MS = 3_000;
// Long enough for all who waited to see it, short enough for the next to try.
const FAILED_FOR_MS = 500;
// Some 10 KB each: an isolate has 128 MB.
const MAX_LANDED = 300;

export function createFlightMemory<F>(): FlightMemory<F> {
  return { turns: new Map(), landed: new Map() };
}

export function createFlights<F>(options: { memory: FlightMemory<F>; clock: Clock; turnMs: number }): Flights<F> {
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

    land(key, landing) {
      const nowMs = clock.nowMs();
      const before = landed.get(key);
      const isAgain = before?.landing.kind === 'failed' && nowMs < before.untilMs;
      turns.delete(key);
      landed.delete(key);
      landed.set(key, {
        landing,
        attempts: isAgain ? before.attempts + 1 : 1,
        untilMs: nowMs + (landing.kind === 'failed' ? FAILED_FOR_MS : SHARED_FOR_MS),
      });
      forgetOld(nowMs);
    },

    look(key) {
      const nowMs = clock.nowMs();
      const found = landed.get(key);
      if (found !== undefined && nowMs < found.untilMs) {
        const { landing, attempts } = found;
        return landing.kind === 'made' ? landing : { ...landing, attempts };
      }
      return nowMs < (turns.get(key)?.untilMs ?? 0) ? { kind: 'flying' } : { kind: 'nothing' };
    },
  };
}
