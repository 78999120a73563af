import { expect, test } from 'vitest';
import { measureRejection } from '../../bench/breaker/measure-rejection.ts';

// The median: this machine may do other things meanwhile.
test('a rejection by an open breaker costs less than 50 µs', async () => {
  const { medianMicroseconds } = await measureRejection(20_000);
  expect(medianMicroseconds).toBeLessThan(50);
});
