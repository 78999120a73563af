import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTokens, tokensOf } from './tokens.ts';

describe('token estimates', () => {
  it('lose nothing: the tokens of any text join to the text', () => {
    return fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tokensOf(text).join('') === text));
  });

  it('count about four tokens for three English words', () => {
    const words = 'The quick brown fox jumps over the lazy dog while seven wizards quietly watch from a distance'.split(
      ' ',
    );
    const tokensPerWord = countTokens(words.join(' ')) / words.length;
    expect(tokensPerWord).toBeGreaterThan(1.1);
    expect(tokensPerWord).toBeLessThan(1.6);
  });
});
