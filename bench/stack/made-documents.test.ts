import { expect, test } from 'vitest';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { editSection, makeText, nameOf } from './made-documents.ts';

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

test('an edited text differs in one section, and holds all its sentences', () => {
  const text = makeText(3, 12, createSeededRandom(1, 'text'));
  const edited = editSection(text, 4, createSeededRandom(1, 'edit'));
  expect(edited.sentences.every((sentence) => edited.markdown.includes(sentence))).toBe(true);
  const blocksOf = ({ markdown }: { markdown: string }) => markdown.split('\n\n');
  const before = blocksOf(text);
  expect(blocksOf(edited).filter((block, at) => block !== before[at])).toHaveLength(1);
  expect(edited.sentences).toHaveLength(12);
  const renewed = edited.sentences.filter((sentence) => !text.sentences.includes(sentence));
  expect(renewed.length).toBeGreaterThan(0);
  expect(renewed.every((sentence) => sentence.startsWith(nameOf(4)))).toBe(true);
});
