import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLexicalQuery } from './lexical-query.ts';

describe('what a question looks for in the lexical index', () => {
  it('is its words, as often as they were said', () => {
    const { words, substrings, fragments } = readLexicalQuery('How do I limit the size? The SIZE!');
    expect(words).toEqual(['how', 'do', 'i', 'limit', 'the', 'size', 'the', 'size']);
    expect([substrings, fragments]).toEqual([[], []]);
  });

  it.each([
    ['what does c.req.param() return?', ['c.req.param']],
    ['the X-Request-Id header', ['X-Request-Id']],
    ['bodyLimit or MAX_SIZE', ['bodyLimit', 'MAX_SIZE']],
    ['error TS2345, e.g. in two-dimensional arrays', ['TS2345']],
    ['version 2024', []],
  ])('%s: names and codes as they stand', (question, names) => {
    expect(readLexicalQuery(question).substrings).toEqual(names);
  });

  it('is every three characters of a script without spaces', () => {
    expect(readLexicalQuery('東京の天気').substrings).toEqual(['東京の', '京の天', 'の天気']);
    expect(readLexicalQuery('東京の天気').fragments).toEqual([]);
  });

  it('is the fragment itself when it is too short for that', () => {
    expect(readLexicalQuery('東京 天気')).toMatchObject({ substrings: [], fragments: ['東京', '天気'] });
  });

  it('keeps the words of every script', () => {
    expect(readLexicalQuery('größe ограничение हिन्दी').words).toEqual(['größe', 'ограничение', 'हिन्दी']);
  });

  it('is nothing when there is no word', () => {
    expect(readLexicalQuery(' "*(){}[]^~:-+?! ')).toEqual({ words: [], substrings: [], fragments: [] });
  });

  it('never holds a quotation mark or a control character, and is bounded, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const { words, substrings, fragments } = readLexicalQuery(text);
        expect(words.length).toBeLessThanOrEqual(64);
        for (const word of words) expect(word).toMatch(/^[\p{L}\p{N}\p{M}]{1,64}$/u);
        expect(substrings.length + fragments.length).toBeLessThanOrEqual(32);
        for (const part of [...substrings, ...fragments]) expect(part).toMatch(/^[^"\p{Cc}]{1,64}$/u);
      }),
    );
  });
});
