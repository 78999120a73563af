import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contentWords, distinctContentWords } from './words.ts';

it('are the same words when each is wanted once', () => {
  const part = fc.constantFrom(
    'The limits',
    'limit',
    'LIMITED',
    'of the',
    '文書には',
    'bodyLimit',
    'ﬁle',
    '\n',
    '. ',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string({ unit: 'grapheme' })), { maxLength: 20 }), (parts) => {
      const text = parts.join(' ');
      expect([...distinctContentWords(text)]).toEqual([...new Set(contentWords(text))]);
    }),
  );
});
