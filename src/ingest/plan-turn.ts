import type { Clock } from '../clock.ts';

/** Until when somebody in this isolate has the turn; plain data, so that any request may use it. */
export interface PlanTurn {
  takenUntilMs: number;
}

/**
 * A dry run reads and cuts a whole document where questions are answered: one at a time, so that they notice nothing.
 * `null` when somebody else has the turn, which ends by itself: a request that was cancelled gives nothing back.
 */
export function takePlanTurn(turn: PlanTurn, clock: Clock, longestMs: number): { giveBack(): void } | null {
  const nowMs = clock.nowMs();
  if (turn.takenUntilMs > nowMs) return null;
  const untilMs = nowMs + longestMs;
  turn.takenUntilMs = untilMs;
  return {
    giveBack() {
      if (turn.takenUntilMs === untilMs) turn.takenUntilMs = 0;
    },
  };
}
