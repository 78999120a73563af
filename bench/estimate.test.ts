import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../local/faults/seeded-random.ts';
import { estimateGain, estimateMean, estimateMedian } from './estimate.ts';

const random = (seed = 1) => createSeededRandom(seed, 'test');

describe('the bootstrap', () => {
  const values = Array.from({ length: 200 }, (_, n) => (n % 10) / 10);

  it('gives the same interval for the same seed and another for another', () => {
    expect(estimateMean(values, random(1))).toEqual(estimateMean(values, random(1)));
    expect(estimateMean(values, random(1))).not.toEqual(estimateMean(values, random(2)));
  });

  it('encloses the mean with about the width that theory gives', () => {
    const { value, low, high } = estimateMean(values, random());
    // Standard deviation of 0, 0.1 … 0.9 is 0.2872; of the mean of 200, 0.0203.
    expect(value).toBeCloseTo(0.45, 12);
    expect(high - low).toBeCloseTo(2 * 1.96 * 0.0203, 2);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });

  it('of equal values has no width', () => {
    expect(estimateMean([0.5, 0.5], random())).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  });

  it('of the median is not moved by one value far off', () => {
    expect(estimateMedian([3, 1, 2], random()).value).toBe(2);
    expect(estimateMedian([4, 1, 2, 3], random()).value).toBe(2.5);
    const { value, high } = estimateMedian([...values, 1_000_000], random());
    expect(value).toBeCloseTo(0.5, 12);
    expect(high).toBeLessThan(1);
  });

  it('of a gain compares pair by pair', () => {
    expect(estimateGain([10, 1], [9, 0], random())).toEqual({ value: 1, low: 1, high: 1 });
    expect(() => estimateGain([1], [], random())).toThrow('pairs');
  });
});
