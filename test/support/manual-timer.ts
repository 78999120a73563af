import type { StartTimer } from '../../src/clock.ts';

/** Timers for tests: time passes only by `pass`. */
export function createManualTimer(): { startTimer: StartTimer; pass(ms: number): void; running(): number } {
  let nowMs = 0;
  const timers = new Set<{ atMs: number; act: () => void }>();
  return {
    startTimer(ms, act) {
      const timer = { atMs: nowMs + ms, act };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = next.atMs;
        next.act();
      }
      nowMs = untilMs;
    },
    running: () => timers.size,
  };
}
