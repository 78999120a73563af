import { expect, it } from 'vitest';
import { claimsOf } from './claims.ts';

const read = (answer: string) => claimsOf(answer).map(({ text, cited }) => [text, cited]);

it('holds each sentence against what it cites', () => {
  expect(read('One is so [1]. Two is not [2][3].')).toEqual([
    ['One is so.', [1]],
    ['Two is not.', [2, 3]],
  ]);
});

it('gives a number after the full stop to the sentence before', () => {
  expect(read('One is so. [1] Two is not. [2]')).toEqual([
    ['One is so.', [1]],
    ['Two is not.', [2]],
  ]);
});

it('holds a sentence without a number against those of its paragraph, else against all', () => {
  expect(read('One is so. Two is not [2].\n\nThree. \n\nFour [4].')).toEqual([
    ['One is so.', [2]],
    ['Two is not.', [2]],
    ['Three.', [2, 4]],
    ['Four.', [4]],
  ]);
  expect(read('Nothing cited.')).toEqual([['Nothing cited.', []]]);
});

it('knows where each sentence stands in the answer, and leaves code alone', () => {
  const answer = 'One is so. [1] Two is not. [2]\n\n```js\nx[3]\n```';
  expect(claimsOf(answer).map(({ sentence: { start, end } }) => answer.slice(start, end))).toEqual([
    'One is so.',
    'Two is not.',
  ]);
});
