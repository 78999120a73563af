import { describe, expect, it } from 'vitest';
import { normaliseQuestion } from './ask.ts';

describe('a normalised question', () => {
  it.each([
    ['  How\n do\tI  start? ', 'How do I start?'],
    ['ﬁle ｓｉｚｅ', 'file size'],
    ['caf\u0065\u0301', 'café'],
    ['a\u0000b', 'a b'],
    ['half \ud800 pair', 'half \ufffd pair'],
    ['\u0007\u00a0', ''],
  ])('%j becomes %j', (question, normalised) => {
    expect(normaliseQuestion(question)).toBe(normalised);
  });
});
