import { describe, expect, it } from 'vitest';
import { compileGlob } from './glob.ts';

describe('glob patterns', () => {
  it.each([
    ['*', '', true],
    ['a*c', 'abbbc', true],
    ['a*c', 'abbbd', false],
    ['a*b*c', 'a-b-b-c', true],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h[ae]llo', 'hallo', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['k[0-3]', 'k2', true],
    ['k[3-0]', 'k2', true],
    ['k[0-3]', 'k4', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a[\\]]', 'a]', true],
    ['a[bc', 'ab', true],
    ['a\\', 'a\\', true],
    ['?', '☕', true],
    ['A', 'a', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  it('stays fast on hostile patterns', () => {
    expect(compileGlob(`${'*a'.repeat(50)}b`)('a'.repeat(2_000))).toBe(false);
  });
});
