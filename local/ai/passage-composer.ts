import { partition } from '../../src/partition.ts';
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
  /** What its passage's title begins with. */
  document: string;
  about: ReadonlySet<string>;
  terms: ReadonlySet<string>;
}

const MAX_SENTENCES = 4;
/** A further sentence must come this close to the best one's score. */
const MIN_SHARE_OF_BEST = 0.3;
/** Retrieval has put the passages in order, and a model reads them in it. */
const PLACE_DISCOUNT = 0.75;
/** A listing may be the answer, and seldom reads like one. */
const KIND_WEIGHT = { prose: 1, listing: 0.7, heading: 0.1 };
/** Long sentences hold more words by chance. */
const LENGTH_OFFSET = 8;
/** The opening tag ends at the first `>` after a quote (or a bare number), since a title may contain `>`. */
const PASSAGE = /<passage\b([^\n]*?(?:["']|\bn=\d+))\s*>([\s\S]*?)<\/passage>/g;
const TRAIL_SEPARATOR = ' › ';
const QUESTION = /<question(?:\s[^>]*)?>([\s\S]*?)<\/question>/g;
const NOTHING_FOUND = 'The documents do not say.';

/**
 * The local stand-in for a language model: answers with the sentences of the numbered passages in the prompt that share
 * most with the question, they and their titles, each followed by its passage's number; those of earlier passages first
 * where they share as much, and one of each document before a second one. The same prompt always gives the same answer.
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
  const picked = pickBest(candidates, ({ terms, about, place, kind }) => {
    const shared = [...questionTerms].filter((term) => terms.has(term) || about.has(term));
    const weight = shared.reduce((sum, term) => sum + weightOf(term), 0);
    return (KIND_WEIGHT[kind] * weight * PLACE_DISCOUNT ** place) / Math.sqrt(LENGTH_OFFSET + terms.size);
  });
  if (picked.length === 0) return NOTHING_FOUND;
  return picked.map((candidate) => `${written(candidate)} [${candidate.n}]`).join(' ');
}

/** As code where it can be: what stands in brackets in a listing is no citation. */
function written({ text, kind }: Candidate): string {
  if (kind !== 'listing') return text;
  return text.includes('`') ? text.replace(/\[\d+\]/g, '') : `\`${text}\``;
}

/** Best first, and of each document first; the sort is stable, so of equals the one in the earlier passage leads. */
function pickBest(candidates: Candidate[], scoreOf: (candidate: Candidate) => number): Candidate[] {
  const ranked = candidates
    .map((candidate) => ({ candidate, score: scoreOf(candidate) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const minScore = (ranked[0]?.score ?? 0) * MIN_SHARE_OF_BEST;
  const byText = new Map<string, Candidate>();
  for (const { candidate, score } of ranked) {
    if (score >= minScore && !byText.has(candidate.text)) byText.set(candidate.text, candidate);
  }
  const good = [...byText.values()];
  const firstOf = new Map(good.toReversed().map((candidate) => [candidate.document, candidate]));
  const [leading, others] = partition(good, (candidate) => firstOf.get(candidate.document) === candidate);
  return [...leading, ...others].slice(0, MAX_SENTENCES);
}

function candidatesOf(passage: NumberedPassage): Candidate[] {
  return sentencesOf(passage.text).map((sentence) => ({
    ...sentence,
    n: passage.n,
    place: passage.place,
    document: passage.title.split(TRAIL_SEPARATOR, 1)[0] ?? '',
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
