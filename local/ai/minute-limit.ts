import type { Clock } from '../../src/clock.ts';

const MINUTE_MS = 60_000;

/** At most so many within any minute: https://developers.cloudflare.com/workers-ai/platform/limits/ */
export interface MinuteLimit {
  /** From now on; `null`: no limit. */
  setPerMinute(perMinute: number | null): void;
  /** One that is refused does not count. */
  tryTake(): boolean;
}

export function createMinuteLimit(clock: Clock): MinuteLimit {
  let perMinute: number | null = null;
  let takenAtMs: number[] = [];
  return {
    setPerMinute(limit) {
      perMinute = limit;
      takenAtMs = [];
    },
    tryTake() {
      if (perMinute === null) return true;
      const nowMs = clock.nowMs();
      takenAtMs = takenAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
      if (takenAtMs.length >= perMinute) return false;
      takenAtMs.push(nowMs);
      return true;
    },
  };
}
