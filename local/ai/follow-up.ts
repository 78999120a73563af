import type { PromptMessage } from './read-prompt.ts';
import { contentWordsOf, termsOf } from './terms.ts';

const FOLLOW_UP = /<follow-up>([\s\S]*?)<\/follow-up>/;
const USER_TURN = /<turn role="user">([\s\S]*?)<\/turn>/g;
const MAX_WORDS = 8;

/**
 * The follow-up a prompt wants rewritten, made to stand alone: with the words of the question before that it does not
 * have itself. `null` when the prompt asks for something else.
 */
export function rewriteFollowUp(messages: readonly PromptMessage[]): string | null {
  const prompt = messages
    .filter(({ role }) => role === 'user')
    .map(({ content }) => content)
    .join('\n\n');
  const followUp = FOLLOW_UP.exec(prompt)?.[1]?.trim();
  if (followUp === undefined) return null;
  const before = [...prompt.matchAll(USER_TURN)].at(-1)?.[1] ?? '';
  const said = new Set(termsOf(followUp));
  const missing = contentWordsOf(before).filter(({ term }) => !said.has(term) && said.add(term));
  if (missing.length === 0) return followUp;
  const words = missing.slice(0, MAX_WORDS).map(({ word }) => word);
  return `${followUp.replace(/[\s?.!]+$/u, '')} (${words.join(' ')})?`;
}
