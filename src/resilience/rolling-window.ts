/** What happened to calls that ended lately. */
export interface Tally {
  calls: number;
  failures: number;
  /** Failed or not. */
  slow: number;
}

interface Bucket extends Tally {
  /** Which stretch of time it counts: one that has gone by is reused. */
  stretch: number;
}

/** A ring of buckets; what is older than the whole ring no longer counts. Immutable. */
export type RollingWindow = readonly Bucket[];

export interface WindowSettings {
  bucketMs: number;
  buckets: number;
}

export const EMPTY_WINDOW: RollingWindow = [];

export function recordCall(
  window: RollingWindow,
  call: { failed: boolean; slow: boolean },
  nowMs: number,
  { bucketMs, buckets }: WindowSettings,
): RollingWindow {
  const stretch = Math.floor(nowMs / bucketMs);
  const index = stretch % buckets;
  const ring = Array.from({ length: buckets }, (_, n) => window[n] ?? emptyBucket(-1));
  const current = ring[index];
  const bucket = current?.stretch === stretch ? current : emptyBucket(stretch);
  ring[index] = {
    stretch,
    calls: bucket.calls + 1,
    failures: bucket.failures + Number(call.failed),
    slow: bucket.slow + Number(call.slow),
  };
  return ring;
}

export function tally(window: RollingWindow, nowMs: number, { bucketMs, buckets }: WindowSettings): Tally {
  const oldest = Math.floor(nowMs / bucketMs) - buckets + 1;
  const total = { calls: 0, failures: 0, slow: 0 };
  for (const bucket of window) {
    if (bucket.stretch < oldest) continue;
    total.calls += bucket.calls;
    total.failures += bucket.failures;
    total.slow += bucket.slow;
  }
  return total;
}

function emptyBucket(stretch: number): Bucket {
  return { stretch, calls: 0, failures: 0, slow: 0 };
}
