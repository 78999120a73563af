import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_WINDOW, recordCall, tally } from './rolling-window.ts';

const settings = { bucketMs: 100, buckets: 5 };

test('counts exactly the calls of its last buckets, whatever the gaps between them', async () => {
  const call = fc.record({ afterMs: fc.nat(400), failed: fc.boolean(), slow: fc.boolean() });
  await fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), fc.nat(700), (calls, waitMs) => {
      let nowMs = 1_000_000;
      let window = EMPTY_WINDOW;
      const ended = calls.map(({ afterMs, failed, slow }) => {
        nowMs += afterMs;
        window = recordCall(window, { failed, slow }, nowMs, settings);
        return { atMs: nowMs, failed, slow };
      });
      nowMs += waitMs;
      const inWindow = ended.filter(({ atMs }) => Math.floor(nowMs / 100) - Math.floor(atMs / 100) < 5);
      expect(tally(window, nowMs, settings)).toEqual({
        calls: inWindow.length,
        failures: inWindow.filter(({ failed }) => failed).length,
        slow: inWindow.filter(({ slow }) => slow).length,
      });
    }),
    { seed: 1, numRuns: 500 },
  );
});
