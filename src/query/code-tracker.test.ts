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

const prose = (text: string) => map(text).replace(/[sf]/g, '');

it('ends a span with as many backticks as it began with, or with its line', () => {
  expect(map('a `b` c')).toBe('a sss c');
  expect(map('a ``b ` c`` d')).toBe('a sssssssss d');
  expect(map('a `b\nc')).toBe('a sssc');
  expect(map('a `b` c `d')).toBe('a sss c ss');
});

it('begins no span with an escaped backtick', () => {
  expect(map('a \\`b` c')).toBe('a \\`bsss');
  expect(map('a \\\\`b` c')).toBe('a \\\\sss c');
  expect(map('a `b\\` c')).toBe('a ssss c');
});

it('ends a fence with a line of the same kind only', () => {
  expect(prose('```js\nx[1]\n```\nb')).toBe('b');
  expect(prose('````\nx\n```\n````\nb')).toBe('b');
  expect(prose('```\nx\n``` y\n~~~\nz\n```\nb')).toBe('b');
  expect(prose('```\nx\n    ```\n``` \t\nb')).toBe('b');
  expect(prose('A\n  ~~~\n  [1]\n  ~~~\nb')).toBe('A\n  ~b');
  expect(prose('```\rx\r```\rb')).toBe('b');
  expect(prose('```\nnever closed\n\nb')).toBe('');
});

it('takes backticks that close in their own line for a span', () => {
  expect(map('```a``` b\nc')).toBe('sssssss b\nc');
});

it('takes nothing for a fence that stands too deep for one', () => {
  expect(map('a\n\n    ```\n[9]\n')).toBe('a\n\n    ssss[9]\n');
  expect(prose('    ```\n    [9]\n    ```\nb')).toContain('[9]');
  expect(prose('\t```\n\t[9]\n\t```\nb')).toContain('[9]');
  expect(prose('a\u00a0```\n[9]')).toContain('[9]');
  expect(prose('-      ```\n       [9]')).toContain('[9]');
  expect(prose('- a\n\nb\n    ```\n    [9]')).toContain('[9]');
  expect(prose('* * *\n    ```\n    [9]')).toContain('[9]');
});

it('knows the fences of list items', () => {
  expect(prose('1. a\n   ```js\n   [9]\n   ```\n2. b')).toBe('1. a\n   2. b');
  expect(prose('1. a\n\n    ```js\n    [9]\n    ```\n2. b')).toBe('1. a\n\n    2. b');
  expect(prose('- a\n  - b\n\n    ```\n    [9]\n    ```\nc')).toBe('- a\n  - b\n\n    c');
  expect(prose('- ```\n  [9]\n  ```\nc')).toBe('- c');
});

it('believes in no fence any more where one may have ended with its list item', () => {
  expect(prose('- a\n  ```\n  [8]\n[9]\n```\n[10]\n```\n')).toContain('[9]');
  expect(prose('- a\n  ```\n  [8]\n[9]\n```\n[10]\n```\n')).toContain('[10]');
  expect(prose(' ```\n [8]\n[9]\n```\n[10]')).toContain('[10]');
});

it('says where the next unit stands', () => {
  const tracker = createCodeTracker();
  for (const unit of 'a `b`') tracker.step(unit);
  expect(tracker.peek()).toBe('prose');
  for (const unit of '\n  ```\n') tracker.step(unit);
  expect(tracker.peek('  ')).toBe('fence');
  expect(tracker.peek()).toBe('prose');
});
