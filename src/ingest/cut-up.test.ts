import { expect, it } from 'vitest';
import { createIsolateTelemetry } from '../telemetry/isolate-telemetry.ts';
import { cutUp } from './cut-up.ts';

const limits = { targetSize: 30, maxSize: 45, overlapSize: 0 };

it.each([
  ['short lines', '# a\n', 100],
  ['long lines', `${'word '.repeat(200)}\n\n`, 8],
])('pauses at least every 8,000 characters or 100 lines, with %s', async (_, lines, linesPerPause) => {
  let pauses = 0;
  const services = {
    telemetry: createIsolateTelemetry(() => {}),
    wait: async () => {
      pauses += 1;
    },
  };
  const cut = await cutUp(services, lines.repeat(1_000), 'text/markdown', limits);
  expect(cut.ok).toBe(true);
  expect(pauses).toBeGreaterThanOrEqual(1_000 / linesPerPause / 2);
});
