import { expect, it } from 'vitest';
import { type CodePlace, createCodeTracker } from './code-tracker.ts';

/** The text with everything but prose replaced: `s` in spans, `f` in fences. */
function map(text: string): string {
  const tracker = createCodeTracker();
  const letters: Record<CodePlace, (unit: string) => string> = {
    prose: (unit) => unit,
    span: () => 's',
    fence: () => 'f',
  };
  return text
    .split('')
    .map((unit) => letters[tracker.step(unit)](unit))
    .join('');
}

it('ends a span with as many backticks as it began with, or with its line', () => {
  expect(map('a `b` c')).toBe('a sss c');
  expect(map('a ``b ` c`` d')).toBe('a sssssssss d');
  expect(map('a `b\nc')).toBe('a sssc');
  expect(map('a `b` c `d')).toBe('a sss c ss');
});

it('ends a fence with a line of the same kind only', () => {
  const prose = (text: string) => map(text).replace(/[sf]/g, '');
  expect(prose('```js\nx[1]\n```\nb')).toBe('b');
  expect(prose('````\nx\n```\n````\nb')).toBe('b');
  expect(prose('```\nx\n``` y\n~~~\nz\n```\nb')).toBe('b');
  expect(prose('A\n  ~~~\n[1]\n  ~~~\nb')).toBe('A\n  ~b');
  expect(prose('```\nnever closed\n\nb')).toBe('');
});

it('takes backticks that close in their own line for a span', () => {
  expect(map('```a``` b\nc')).toBe('sssssss b\nc');
});
