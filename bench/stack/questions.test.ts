import { describe, expect, it } from 'vitest';
import { makeQuestions } from './questions.ts';

const text = `# A heading of more than eight words is not a sentence at all

The keeper trims the wick every evening at dusk, and the \`lamp\` burns [whale oil](oil.md) until dawn.
When fog hides the rocks, the keeper sounds the horn once a minute. Too short.

\`\`\`sh
this is code and not one of its eight or more words is ever asked
\`\`\`
`;

describe('questions made from documents', () => {
  it('are distinct, and keep words of one sentence in their order, without marks', () => {
    const questions = makeQuestions([text], 40, 1);
    expect(new Set(questions).size).toBe(40);
    const sentences = [
      'The keeper trims the wick every evening at dusk and the lamp burns whale oil until dawn',
      'When fog hides the rocks the keeper sounds the horn once a minute',
    ].map((sentence) => sentence.split(' '));
    for (const question of questions) {
      const words = question.split(' ');
      expect(words.length).toBeGreaterThanOrEqual(3);
      expect(sentences.some((sentence) => isSubsequence(words, sentence))).toBe(true);
    }
  });

  it('leave out about 30 % of the words', () => {
    const questions = makeQuestions([text], 100, 2).filter((question) => /horn|rocks|fog/.test(question));
    const kept = questions.reduce((sum, question) => sum + question.split(' ').length, 0) / questions.length;
    expect(kept / 13).toBeGreaterThan(0.6);
    expect(kept / 13).toBeLessThan(0.8);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(makeQuestions([text], 10, 3)).toEqual(makeQuestions([text], 10, 3));
    expect(makeQuestions([text], 10, 4)).not.toEqual(makeQuestions([text], 10, 3));
  });

  it('are fewer when the texts give no more', () => {
    expect(makeQuestions(['Nothing here is long enough.'], 5, 1)).toEqual([]);
    expect(makeQuestions([text], 1_000_000, 1).length).toBeLessThan(1_000_000);
  });
});

function isSubsequence(words: string[], sentence: string[]): boolean {
  let at = 0;
  for (const word of sentence) if (word === words[at]) at += 1;
  return at === words.length;
}
