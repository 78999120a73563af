import { describe, expect, it } from 'vitest';
import { setSymbolsAside } from './question-symbols.ts';
import { setQuotesAside } from './question-tokens.ts';

function symbolsOf(text: string): readonly string[] {
  return setSymbolsAside(setQuotesAside(text)).said;
}

describe('symbols', () => {
  it.each([
    ['What does a == b do?', ['==']],
    ['What does a==b do?', ['==']],
    ['What is x->y?', ['->']],
    ['What is ?. for', ['?.']],
    ['What is the difference between - and :', ['-']],
    ['What does cond ? x : y mean', ['?']],
    ['What is the wildcard *?', ['*']],
    ['How do I pass --force and -v?', ['--', '-']],
    ['How do I match *.ts in ../src?', ['*.', '../']],
    ['What is @cf/baai/bge-m3?', ['@']],
    ['What does x-- do, or y--?', ['--', '--']],
    ['Who gets a B-?', ['-']],
    ['What is n! for', ['!']],
    ["Who gets a B-, and what is x'?", ['-', "'"]],
    ['What is 5-3, or 5 – 3?', ['-', '-']],
    ['Is it 10:30?', [':']],
    ['Is 6\' more than 6"?', ["'", '"']],
    ['Is 2 * (3 + 4) more?', ['*', '(', '+', ')']],
    ['What is 50%?', ['%']],
    ['What does 👍🏽 mean?', ['👍🏽']],
    ['What is § 5?', ['§']],
  ])('say something: %s', (text, symbols) => {
    expect(symbolsOf(text)).toEqual(symbols);
  });

  it.each([
    'How do I delete a file ???',
    'How do I delete a file ?!',
    'Hello! How do I (really) delete a file: quickly, please; now...',
    'Comment faire ? Merci !',
    "What's the user’s part-time rate - and who pays -5 or $5?",
    'How do I read c.req.param in C++, C# or Node.js?',
    'What is R&D, a/b and a:b?',
    'Why…not – or — “so”, «so», „so“?',
    '¿Qué es esto? ¡Hola!',
    '「東京」から、大阪へ。有効？無効？',
    'что это?как',
    'می‌خواهم',
    'soft\u00adhyphen and zero\u200bwidth',
    'What is f(x) and (y)? and z',
  ])('are punctuation: %s', (text) => {
    expect(symbolsOf(text).filter((said) => said !== '')).toEqual(symbolsOf(text).filter((said) => /^so$/.test(said)));
  });

  it('leave words and the punctuation of their sentence where they stand', () => {
    const { text } = setSymbolsAside(setQuotesAside('Is a, b == c? Yes.'));
    expect(text.replace(/ \u{e000}\d+ /u, '§')).toBe('Is a, b § c? Yes.');
  });
});
