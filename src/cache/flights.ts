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

export interface FlightTurn {
  untilMs: number;
  /** Somebody waits for what comes of it until then, or has looked again by then. */
  awaitedUntilMs: number;
  /** In a row, each taken up while the last one's failure was known. */
  failedBefore: number;
}

/**
 * Keeps the requests of an isolate from making the same thing twice at the same moment. No request waits for another's
 * promise, which Workers may cancel: who comes second looks again, soon, for what the first has left behind.
 */
export interface Flights<F> {
  /** For the one who is to make it; else `null`. The turn ends by itself, should it never be heard of again. */
  tryTake(key: string): FlightTurn | null;
  /** Leaves what came of a turn for those who look within some seconds; the failure of one that is over says nothing. */
  land(key: string, turn: FlightTurn, landing: Landing<F>): void;
  /** Leaves something made out of turn. */
  leave(key: string, value: string): void;
  look(key: string): Flight<F>;
  /** Says that somebody waits, and looks again soon. */
  noteWaiting(key: string): void;
  isAwaited(turn: FlightTurn): boolean;
}

/** What lives as long as an isolate; plain data, so that any request may use it. */
export interface FlightMemory<F> {
  turns: Map<string, FlightTurn>;
  landed: Map<string, { landing: Landing<F>; attempts: number; untilMs: number }>;
}

const SHARED_FOR_MS = 3_000;
// Long enough for all who waited to see it, short enough for the next to try.
const FAILED_FOR_MS = 500;
// Some looks of those who wait: on a busy isolate they come late.
const WAITS_FOR_MS = 250;
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

  function keep(key: string, landing: Landing<F>, attempts: number): void {
    const untilMs = clock.nowMs() + (landing.kind === 'failed' ? FAILED_FOR_MS : SHARED_FOR_MS);
    landed.delete(key);
    landed.set(key, { landing, attempts, untilMs });
    forgetOld(clock.nowMs());
  }

  function look(key: string): Flight<F> {
    const nowMs = clock.nowMs();
    const found = landed.get(key);
    if (found !== undefined && nowMs < found.untilMs) {
      const { landing, attempts } = found;
      return landing.kind === 'made' ? landing : { ...landing, attempts };
    }
    return nowMs < (turns.get(key)?.untilMs ?? 0) ? { kind: 'flying' } : { kind: 'nothing' };
  }

  return {
    tryTake(key) {
      const nowMs = clock.nowMs();
      if (nowMs < (turns.get(key)?.untilMs ?? 0)) return null;
      const seen = look(key);
      const turn = {
        untilMs: nowMs + turnMs,
        awaitedUntilMs: 0,
        failedBefore: seen.kind === 'failed' ? seen.attempts : 0,
      };
      turns.set(key, turn);
      return turn;
    },

    land(key, turn, landing) {
      const isCurrent = turns.get(key) === turn;
      if (isCurrent) turns.delete(key);
      if (isCurrent || landing.kind === 'made') keep(key, landing, turn.failedBefore + 1);
    },

    leave: (key, value) => keep(key, { kind: 'made', value }, 1),
    look,

    noteWaiting(key) {
      const turn = turns.get(key);
      if (turn !== undefined) turn.awaitedUntilMs = clock.nowMs() + WAITS_FOR_MS;
    },

    isAwaited: (turn) => clock.nowMs() < Math.min(turn.awaitedUntilMs, turn.untilMs),
  };
}
