import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { embeddingModelNamed } from '../../models/embedding-models.ts';
import { similarityThreshold } from '../similarity-thresholds.ts';
import { matchQuestions } from './match-questions.ts';
import { readQuestionText } from './question-text.ts';

function aQuestion(text: string, ...vector: number[]) {
  return { text: readQuestionText(text), vector: Float32Array.from(vector) };
}

it('matches what is close enough and not vetoed', () => {
  const asked = aQuestion('How do I delete a file?', 1, 0);
  expect(matchQuestions(asked, aQuestion('How can I remove a file?', 0.96, 0.28), 0.9)).toMatchObject({
    isMatch: true,
  });
  expect(matchQuestions(asked, aQuestion('How can I remove a file?', 0.8, 0.6), 0.9)).toMatchObject({
    reason: 'cosine',
  });
  expect(matchQuestions(asked, aQuestion('How can I create a file?', 1, 0), 0.9)).toMatchObject({ reason: 'word' });
});

it('matches nothing with a vector of another length or without numbers', () => {
  const asked = aQuestion('How do I delete a file?', 1, 0);
  expect(matchQuestions(asked, aQuestion('How do I delete a file?', 1), 0.9).isMatch).toBe(false);
  expect(matchQuestions(asked, aQuestion('How do I delete a file?', Number.NaN, 1), 0.9).isMatch).toBe(false);
});

it('matches any two strings or not, and one with itself in either order', () => {
  const strings = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    // What a question is made of: it gets further than noise does.
    fc
      .array(fc.constantFrom(...'how do I delete a b file and or not to of == ?. ( ) " \' - 5 % & ? . ,'.split(' ')), {
        maxLength: 20,
      })
      .map((words) => words.join(' ')),
  );
  void fc.assert(
    fc.property(strings, strings, (a, b) => {
      const [left, right] = [aQuestion(a, 1, 0), aQuestion(b, 1, 0)];
      expect(matchQuestions(left, right, 0.9)).toEqual(matchQuestions(right, left, 0.9));
    }),
    { numRuns: 2_000 },
  );
});

it('has a threshold for calibrated models only', () => {
  const [local, other] = ['local/all-MiniLM-L6-v2', '@cf/baai/bge-m3'].map(embeddingModelNamed);
  if (!local || !other) throw new Error('a model is missing');
  expect(similarityThreshold(local)).toBeGreaterThan(0.8);
  expect(similarityThreshold(other)).toBeNull();
  expect(similarityThreshold({ ...local, pooling: 'cls' })).toBeNull();
});
