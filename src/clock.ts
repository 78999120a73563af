/** Wall clock in epoch milliseconds. In Workers it only advances after I/O, which is what deadlines need. */
export interface Clock {
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** Calls once, so many milliseconds later, unless it is stopped before. */
export type StartTimer = (ms: number, act: () => void) => () => void;

export const startSystemTimer: StartTimer = (ms, act) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};
