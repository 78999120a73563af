import { expect, it } from 'vitest';
import { splitProse } from './split-span.ts';

it('takes no longer than its length for a line that is almost that below the head of a table', () => {
  const content = `a|b\n${'-'.repeat(100_000)}x`;
  const span = { start: 0, end: content.length };
  // This process's own time: a busy machine makes the test slower, not red.
  const startedAt = process.cpuUsage();
  expect(splitProse(content, span, content.length)).toHaveLength(1);
  expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(1_000);
});
