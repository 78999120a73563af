import { expect, it } from 'vitest';
import { bodyStart } from './front-matter.ts';

const withLines = (lines: string) => `---\n${lines}---\nText.`;

it('a text begins after a front matter of up to 200 lines', () => {
  const content = withLines('- a\n'.repeat(198));
  expect(content.slice(bodyStart(content))).toBe('Text.');
});

it.each([
  ['lines', '\n'.repeat(300)],
  ['characters', `a: ${'b'.repeat(20_000)}\n`],
])('a text is its own beginning when the end of a front matter is not found within so many %s', (_, lines) => {
  expect(bodyStart(withLines(lines))).toBe(0);
});
