import { expect, it } from 'vitest';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { createZipf } from './zipf.ts';

it('asks the first rank as often as its share says, the second half as often, and none beyond the last', () => {
  const draw = createZipf(100, 1, createSeededRandom(1, 'zipf'));
  const counts = new Map<number, number>();
  for (let n = 0; n < 100_000; n++) {
    const rank = draw();
    counts.set(rank, (counts.get(rank) ?? 0) + 1);
  }
  const harmonic = Array.from({ length: 100 }, (_, rank) => 1 / (rank + 1)).reduce((sum, share) => sum + share, 0);
  expect((counts.get(0) ?? 0) / 100_000).toBeCloseTo(1 / harmonic, 2);
  expect((counts.get(1) ?? 0) / (counts.get(0) ?? 1)).toBeCloseTo(0.5, 1);
  expect(Math.max(...counts.keys())).toBe(99);
  expect(Math.min(...counts.keys())).toBe(0);
});
