import { expect, test } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

const fields = ['question', 'topK', 'cache', 'retrieval', 'generation'];

test.each([
  ['qestion', 'question'],
  ['top_k', 'topK'],
  ['TOPK', 'topK'],
  ['retreival', 'retrieval'],
])('suggests for %s the field %s', (given, expected) => {
  expect(didYouMean(given, fields)).toBe(expected);
});

test.each(['zzzzzz', 'x', 'a'.repeat(100_000)])('suggests nothing when no field is close', (given) => {
  expect(didYouMean(given, fields)).toBeNull();
});
