import fc from 'fast-check';
import { expect, it } from 'vitest';
import { estimateTokens } from './token-estimate.ts';

// Counted with the tokenizer of all-MiniLM-L6-v2.
it.each([
  ['The Body Limit Middleware can limit the file size of the request body.', 14],
  ["import { bodyLimit } from 'hono/body-limit'", 14],
  ['日本語の文書', 6],
])('is near the real count, and not below: %s', (text, tokens) => {
  const estimate = estimateTokens(text);
  expect(estimate).toBeGreaterThanOrEqual(tokens);
  expect(estimate).toBeLessThanOrEqual(tokens * 1.6);
});

it('counts nothing for white space', () => {
  expect(estimateTokens(' \n\t\u3000 ')).toBe(0);
});

it('never counts a text more than the sum of its parts, nor more than its UTF-16 units', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const whole = estimateTokens(a + b);
      return whole <= estimateTokens(a) + estimateTokens(b) && whole <= (a + b).length;
    }),
  );
});
