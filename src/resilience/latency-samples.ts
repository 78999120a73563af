export interface Latency {
  p50Ms: number;
  p95Ms: number;
  samples: number;
}

export interface LatencySamples {
  add(durationMs: number, nowMs: number): void;
  /** Of the calls lately answered; `null` without any. */
  summary(nowMs: number): Latency | null;
  /** What this share of the calls lately answered took at most; `null` when they were fewer than that many. */
  percentileMs(share: number, nowMs: number, minSamples: number): number | null;
  fastestMs(nowMs: number): number | null;
}

const CAPACITY = 100;
const MAX_AGE_MS = 60_000;

/** How long the last answers took: a ring of fixed size, forgotten after a minute. */
export function createLatencySamples(): LatencySamples {
  const ring: { durationMs: number; atMs: number }[] = [];
  let next = 0;

  function recent(nowMs: number): number[] {
    return ring.filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS).map(({ durationMs }) => durationMs);
  }

  return {
    add(durationMs, nowMs) {
      ring[next] = { durationMs, atMs: nowMs };
      next = (next + 1) % CAPACITY;
    },
    summary(nowMs) {
      const sorted = recent(nowMs).sort((a, b) => a - b);
      if (sorted.length === 0) return null;
      return { p50Ms: rank(sorted, 0.5), p95Ms: rank(sorted, 0.95), samples: sorted.length };
    },
    percentileMs(share, nowMs, minSamples) {
      const sorted = recent(nowMs).sort((a, b) => a - b);
      return sorted.length < minSamples ? null : rank(sorted, share);
    },
    fastestMs(nowMs) {
      const durations = recent(nowMs);
      return durations.length === 0 ? null : Math.min(...durations);
    },
  };
}

function rank(sorted: number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}
