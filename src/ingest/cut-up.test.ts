import { expect, it } from 'vitest';
import { createIsolateTelemetry } from '../telemetry/isolate-telemetry.ts';
import { cutUp } from './cut-up.ts';

const limits = { targetSize: 30, maxSize: 45, overlapSize: 0 };

it.each([
  ['headings', '# a\n', 10],
  ['list items', '- a\n', 15],
  ['long lines', `${'word '.repeat(200)}\n\n`, 6],
])('pauses at least every 4,000 characters, 15 lines or 10 stretches, with %s', async (_, lines, linesPerPause) => {
  let pauses = 0;
  const services = {
    telemetry: createIsolateTelemetry(() => {}),
    wait: async () => {
      pauses += 1;
    },
  };
  const cut = await cutUp(services, lines.repeat(1_000), 'text/markdown', limits);
  expect(cut.ok).toBe(true);
  expect(pauses).toBeGreaterThanOrEqual(1_000 / linesPerPause - 1);
});
