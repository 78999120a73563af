import { type Sentence, sentencesOf } from './sentences.ts';
import { termsOf, termWeights } from './terms.ts';

export interface PromptMessage {
  role: string;
  content: string;
}

interface NumberedPassage {
  n: string;
  title: string;
  /** From 0, in the order of the prompt. */
  place: number;
  text: string;
}

interface Candidate extends Sentence, Pick<NumberedPassage, 'n' | 'place'> {
  about: ReadonlySet<string>;
  terms: ReadonlySet<string>;
}

const MAX_SENTENCES = 4;
/** A further sentence must come this close to the best one's score. */
const MIN_SHARE_OF_BEST = 0.5;
/** Retrieval has put the passages in order, and a model reads them in it. */
const PLACE_DISCOUNT = 0.8;
/** Long sentences hold more words by chance. */
const LENGTH_OFFSET = 8;
/** The opening tag ends at the first `>` after a quote (or a bare number), since a title may contain `>`. */
const PASSAGE = /<passage\b([^\n]*?(?:["']|\bn=\d+))\s*>([\s\S]*?)<\/passage>/g;
const QUESTION = /<question(?:\s[^>]*)?>([\s\S]*?)<\/question>/g;
const NOTHING_FOUND = 'The documents do not say.';

/**
 * The local stand-in for a language model: answers with the sentences of the numbered passages in the prompt that share
 * most with the question, they and their titles, each followed by its passage's number; those of earlier passages first
 * where they share as much. The same prompt always gives the same answer.
 */
export function composeAnswer(messages: readonly PromptMessage[]): string {
  const prompt = messages
    .filter((message) => message.role === 'user')
    .map((message) => message.content)
    .join('\n\n');
  const question = questionOf(messages, prompt);
  const candidates = passagesOf(prompt).flatMap(candidatesOf);
  const questionTerms = new Set(termsOf(question));
  const weightOf = termWeights(candidates.map((candidate) => candidate.terms));
  const scoreOf = (candidate: Candidate) => {
    const { terms, about, place } = candidate;
    const shared = [...questionTerms].filter((term) => terms.has(term) || about.has(term));
    const weight = shared.reduce((sum, term) => sum + weightOf(term), 0);
    return (weight * PLACE_DISCOUNT ** place) / Math.sqrt(LENGTH_OFFSET + terms.size);
  };
  const prose = pickBest(
    candidates.filter((candidate) => candidate.isProse),
    scoreOf,
  );
  const picked = prose.length > 0 ? prose : pickBest(candidates, scoreOf);
  if (picked.length === 0) return NOTHING_FOUND;
  return picked.map(({ text, n }) => `${text} [${n}]`).join(' ');
}

/** Best first; the sort is stable, so of equals the one in the earlier passage leads. */
function pickBest(candidates: Candidate[], scoreOf: (candidate: Candidate) => number): Candidate[] {
  const ranked = candidates
    .map((candidate) => ({ candidate, score: scoreOf(candidate) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const minScore = (ranked[0]?.score ?? 0) * MIN_SHARE_OF_BEST;
  const byText = new Map<string, Candidate>();
  for (const { candidate, score } of ranked) {
    if (byText.size === MAX_SENTENCES || score < minScore) break;
    if (!byText.has(candidate.text)) byText.set(candidate.text, candidate);
  }
  return [...byText.values()];
}

function candidatesOf(passage: NumberedPassage): Candidate[] {
  return sentencesOf(passage.text).map((sentence) => ({
    ...sentence,
    n: passage.n,
    place: passage.place,
    about: new Set(termsOf(passage.title)),
    terms: new Set(termsOf(sentence.text)),
  }));
}

function passagesOf(prompt: string): NumberedPassage[] {
  return [...prompt.matchAll(PASSAGE)].map(([, attributes = '', text = ''], index) => ({
    n: /\bn\s*=\s*["']?(\d+)/.exec(attributes)?.[1] ?? String(index + 1),
    title: /\btitle\s*=\s*"([^"]*)"/.exec(attributes)?.[1] ?? '',
    place: index,
    text,
  }));
}

function questionOf(messages: readonly PromptMessage[], prompt: string): string {
  const marked = [...prompt.replace(PASSAGE, '').matchAll(QUESTION)].at(-1)?.[1];
  if (marked !== undefined) return marked;
  const last = messages.findLast((message) => message.role === 'user');
  return last ? last.content.replace(PASSAGE, '') : '';
}
