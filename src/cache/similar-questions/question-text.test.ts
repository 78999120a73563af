import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQuestionText } from './question-text.ts';

describe('the text of a question', () => {
  it('may be any string', () => {
    void fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (question) => {
        expect(() => readQuestionText(question)).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(Object.getOwnPropertyNames(Object.prototype))('may hold the word %s', (word) => {
    for (const question of [
      word,
      `What is the ${word.toLowerCase()} of 5 ${word}s?`,
      `Why does a ${word} ${word} it?`,
    ]) {
      expect(() => readQuestionText(question)).not.toThrow();
    }
    expect(JSON.stringify([...readQuestionText(`Where is the ${word} kept?`).kinds])).not.toContain('null');
  });
});
