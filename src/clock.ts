/** Wall clock in epoch milliseconds. In Workers it only advances after I/O, which is what deadlines need. */
export interface Clock {
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
