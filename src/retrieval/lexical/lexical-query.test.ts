import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lexicalQuery } from './lexical-query.ts';

describe('a question as a full-text expression', () => {
  it('is its words, quoted, any of them, each once', () => {
    expect(lexicalQuery('How do I limit the size? The SIZE!')).toBe(
      '"how" OR "do" OR "i" OR "limit" OR "the" OR "size"',
    );
  });

  it('keeps the words of every script', () => {
    expect(lexicalQuery('größe ограничение 制限 हिन्दी')).toBe('"größe" OR "ограничение" OR "制限" OR "हिन्दी"');
  });

  it('is nothing when there is no word', () => {
    expect(lexicalQuery(' "*(){}[]^~:-+?! ')).toBeNull();
  });

  it('never holds more than quoted words, whatever the text, and a bounded number of them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const expression = lexicalQuery(text);
        if (expression === null) return;
        const words = expression.split(' OR ');
        expect(words.length).toBeLessThanOrEqual(32);
        for (const word of words) expect(word).toMatch(/^"[\p{L}\p{N}\p{M}]{1,64}"$/u);
      }),
    );
  });
});
