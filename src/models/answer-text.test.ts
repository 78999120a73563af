import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAnswerText } from './answer-text.ts';

function shownOf(pieces: string[]): string {
  const text = createAnswerText();
  return pieces.map(text.push).join('') + text.end();
}

it.each([
  ['  One megabyte [1]. \n', 'One megabyte [1].'],
  ['<think>\n\n</think>\n\nYes.', 'Yes.'],
  ['<think>No. Perhaps a < b?</think> Yes [1].\n\nAnd no [2].', 'Yes [1].\n\nAnd no [2].'],
  ['<think>one</think><think>two</think>Yes.', 'Yes.'],
  ['<think>it never gets to', ''],
  ['<thi', '<thi'],
  ['<thing> is a tag, <think> too.', '<thing> is a tag, <think> too.'],
  ['   ', ''],
])('of %j shows %j, in whatever pieces it comes', async (written, shown) => {
  expect(shownOf([written])).toBe(shown);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(6)), async (cuts) => {
      const pieces: string[] = [];
      let rest = written;
      for (const length of cuts) {
        pieces.push(rest.slice(0, length));
        rest = rest.slice(length);
      }
      expect(shownOf([...pieces, rest])).toBe(shown);
    }),
  );
});

it('holds nothing back that is surely part of the answer', () => {
  const text = createAnswerText();
  expect(text.push('One ')).toBe('One');
  expect(text.push('megabyte')).toBe(' megabyte');
});
