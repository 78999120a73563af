import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textSlices } from './text-slices.ts';

it('cuts any text into bounded slices that together are the text, and no character in two', () => {
  const unit = fc.constantFrom('word', ' ', '\n', '\n\n', '. ', '。', '漢', '🔥');
  const text = fc.string({ unit, maxLength: 200 });
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (content, maxLength) => {
      const slices = [...textSlices(content, { start: 0, end: content.length }, maxLength)];
      const texts = slices.map(({ start, end }) => content.slice(start, end));
      expect(texts.join('')).toBe(content);
      for (const slice of texts) {
        expect(slice.length).toBeLessThanOrEqual(maxLength);
        expect(slice.isWellFormed()).toBe(true);
      }
    }),
  );
});

it('cuts between paragraphs rather than sentences, and between sentences rather than words', () => {
  const cut = (content: string) => textSlices(content, { start: 0, end: content.length }, 20).next().value?.end;
  expect(cut('one two. \n\nThree. four five six')).toBe(11);
  expect(cut('one two three. Four five six')).toBe(15);
  expect(cut('one two three four five six')).toBe(19);
});
