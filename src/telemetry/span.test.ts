import { expect, test } from 'vitest';
import { createTraceSpan } from './span.ts';

function arrange() {
  const spans: { name: string; attributes: Record<string, unknown> }[] = [];
  // As much of the platform's tracing as a span needs; its class cannot be made outside the runtime.
  const tracing = {
    enterSpan: (name: string, run: (span: unknown) => unknown) => {
      const attributes: Record<string, unknown> = {};
      spans.push({ name, attributes });
      return run({ setAttribute: (key: string, value: unknown) => Object.assign(attributes, { [key]: value }) });
    },
  } as unknown as Tracing;
  return { spans, tracing };
}

test('a span has the name, what was known before, and what was found out inside', async () => {
  const { spans, tracing } = arrange();
  const value = await createTraceSpan(tracing)('redis get', { dependency: 'redis' }, async (annotate) => {
    annotate({ 'error.code': 'TIMEOUT' });
    return 7;
  });
  expect(value).toBe(7);
  expect(spans).toEqual([{ name: 'redis get', attributes: { dependency: 'redis', 'error.code': 'TIMEOUT' } }]);
});

test('without tracing the work is done all the same', async () => {
  expect(await createTraceSpan(undefined)('redis get', {}, async () => 7)).toBe(7);
});
