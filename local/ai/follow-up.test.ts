import { expect, it } from 'vitest';
import { buildRewritePrompt } from '../../src/query/rewrite-prompt.ts';
import { joinQuestions } from '../../src/query/rewrite-question.ts';
import { rewriteFollowUp } from './follow-up.ts';

const history = [
  { role: 'user' as const, content: 'What does a circuit breaker do?' },
  { role: 'assistant' as const, content: 'It fails fast [1].' },
  { role: 'user' as const, content: 'How do I limit the size of a Request body?' },
  { role: 'assistant' as const, content: 'With a middleware [1].' },
];

it('a follow-up gets the words of the question before', () => {
  const prompt = buildRewritePrompt(history, 'And of files, is there a limit?');
  expect(rewriteFollowUp(prompt)).toBe('And of files, is there a limit (size Request body)?');
  expect(rewriteFollowUp(prompt)).toBe(rewriteFollowUp(prompt));
});

it('a question that repeats them all stays as it is', () => {
  const question = joinQuestions(history.slice(2), 'Please?');
  expect(rewriteFollowUp(buildRewritePrompt(history, question))).toBe(question);
});

it('other prompts are no business of it', () => {
  expect(rewriteFollowUp([{ role: 'user', content: '<question>And files?</question>' }])).toBeNull();
});
