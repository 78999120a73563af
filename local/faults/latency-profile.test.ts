import { describe, expect, it } from 'vitest';
import { latencyProfileSchema, sampleLatencyMs } from './latency-profile.ts';
import { createSeededRandom } from './seeded-random.ts';

const PROFILE = { kind: 'log-normal', p50Ms: 31, p95Ms: 120, p99Ms: 400 } as const;

describe('a latency profile', () => {
  it('meets its median, 95th and 99th percentile within 5 %', () => {
    const random = createSeededRandom(7, 'test');
    const samples = Array.from({ length: 100_000 }, () => sampleLatencyMs(PROFILE, random)).sort((a, b) => a - b);
    const quantile = (share: number) => samples[Math.floor(share * samples.length)] ?? Number.NaN;
    expect(quantile(0.5) / PROFILE.p50Ms).toBeCloseTo(1, 1);
    expect(Math.abs(quantile(0.95) / PROFILE.p95Ms - 1)).toBeLessThan(0.05);
    expect(Math.abs(quantile(0.99) / PROFILE.p99Ms - 1)).toBeLessThan(0.05);
  });

  it('is the same sequence for the same seed', () => {
    const sequence = (seed: number) => {
      const random = createSeededRandom(seed, 'test');
      return Array.from({ length: 5 }, () => sampleLatencyMs(PROFILE, random));
    };
    expect(sequence(1)).toEqual(sequence(1));
    expect(sequence(1)).not.toEqual(sequence(2));
  });

  it('refuses percentiles out of order', () => {
    expect(latencyProfileSchema.safeParse({ ...PROFILE, p95Ms: 10 }).success).toBe(false);
  });
});
