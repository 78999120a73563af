import { expect, it } from 'vitest';
import type { VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import { readQuestionText } from '../../src/cache/similar-questions/question-text.ts';
import { measureCandidateSearch } from './candidate-search.ts';

const DIMENSIONS = 384;

/** At this angle from the first axis, towards the other one. */
function aQuestion(text: string, degrees: number, axis = 1): VectoredQuestion {
  const vector = new Float32Array(DIMENSIONS);
  vector[0] = Math.cos((degrees * Math.PI) / 180);
  vector[axis] = Math.sin((degrees * Math.PI) / 180);
  return { text: readQuestionText(text), vector };
}

it('chooses from buckets as full as the cache lets them be, and as few as the cache does', () => {
  const asked = aQuestion('How do I delete a file?', 0);
  const same = aQuestion('How can I remove a file?', 1);
  const others = Array.from({ length: 8 }, (_, n) => aQuestion(`How do I rename a file to ${n}?`, 33.5, n + 2));
  const search = measureCandidateSearch([asked, ...others, same], [asked], 0.82);
  expect(search).toMatchObject({ entries: 10, questions: 1, justAbove: 8, matchable: 1, matched: 1 });
  expect(search.broughtTogether).toBeGreaterThan(search.chosen);
  // The nearest takes one of the five places.
  expect(search.chosen).toBe(4);
});

it('does not see a question that newer ones have pushed out of every bucket', () => {
  const asked = aQuestion('How do I delete a file?', 0);
  const same = aQuestion('How can I remove a file?', 0);
  const newer = Array.from({ length: 4 }, (_, n) => aQuestion(`How do I rename a file to ${n}?`, 0));
  expect(measureCandidateSearch([same, ...newer, asked], [asked], 0.82)).toMatchObject({ matchable: 1, matched: 0 });
  expect(measureCandidateSearch([same, asked], [asked], 0.82)).toMatchObject({ matchable: 1, matched: 1 });
});
