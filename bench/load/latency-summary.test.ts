import { expect, test } from 'vitest';
import { percentile, summariseLatencies } from './latency-summary.ts';

test('percentiles are values that were measured, by rank', () => {
  const oneToHundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect(summariseLatencies(oneToHundred)).toEqual({ p50Ms: 50, p95Ms: 95, p99Ms: 99 });
  expect(percentile([7, 3], 0.5)).toBe(3);
  expect(percentile([7, 3], 0.51)).toBe(7);
  expect(percentile([4], 0)).toBe(4);
  expect(percentile([], 0.99)).toBe(0);
});
