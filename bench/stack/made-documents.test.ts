import { expect, test } from 'vitest';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { makeText, nameOf } from './made-documents.ts';

test('every number has a name of its own', () => {
  expect(new Set(Array.from({ length: 20_000 }, (_, n) => nameOf(n))).size).toBe(20_000);
});

test('texts are the same for the same seed, hold all their sentences, and share none', () => {
  const make = (mark: number, seed = 1) => makeText(mark, 12, createSeededRandom(seed, `text ${mark}`));
  expect(make(3)).toEqual(make(3));
  expect(make(3, 2)).not.toEqual(make(3));
  const { markdown, sentences } = make(3);
  expect(sentences.every((sentence) => markdown.includes(sentence))).toBe(true);
  expect(new Set(sentences).size).toBe(12);
  expect(sentences.some((sentence) => make(4).markdown.includes(sentence))).toBe(false);
});
