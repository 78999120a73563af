import { defineSuite } from '../suite.ts';
import { measureRejection } from './measure-rejection.ts';

const REJECTIONS = 200_000;
const BAR_MICROSECONDS = 50;

export const breakerSuite = defineSuite({
  name: 'breaker',
  summary: 'Measure what a call pays for an open breaker, in this process.',
  arguments: '[options]',
  options: {},
  examples: ['npm run bench -- breaker --json breaker.json'],
  measure: async () => {
    const cost = await measureRejection(REJECTIONS);
    const measured = Math.round(cost.p99Microseconds * 10) / 10;
    return {
      promises: [
        {
          name: 'an open breaker rejects (P99)',
          measured,
          unit: 'µs',
          bar: `< ${BAR_MICROSECONDS}`,
          holds: measured < BAR_MICROSECONDS,
        },
      ],
      profile: 'none: no provider is called',
      table: [
        ['rejections', 'P50 µs', 'P99 µs'],
        [String(cost.rejections), cost.medianMicroseconds.toFixed(2), cost.p99Microseconds.toFixed(2)],
      ],
      raw: cost,
    };
  },
});
