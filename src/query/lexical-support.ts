import type { Passage } from './answer.ts';
import { isNegated, withoutNegation } from './negation.ts';
import { type Sentence, splitSentences } from './sentences.ts';
import { contentWords } from './words.ts';

/** How much of a claim some place in the cited passages says. */
export interface LexicalSupport {
  /** The share of its words that the place has, 0 to 1. */
  score: number;
  /** The place says something else: another number, the contrary, or a word of the opposite sense. */
  contradicts: boolean;
  /** The place, as it stands in the passage. */
  quote: string;
}

/** A passage as claims are held against it. */
export interface ReadPassage {
  /** Whatever its readers see of it. */
  text: string;
  /** The words of its title and headings. */
  about: ReadonlySet<string>;
  places: readonly Place[];
}

interface Place {
  text: string;
  words: ReadonlySet<string>;
}

const NUMBER = /\d+(?:[.,]\d+)*/g;
const OPPOSITES: readonly (readonly [string, string])[] = [
  ['enable', 'disable'],
  ['allow', 'forbid'],
  ['allow', 'deny'],
  ['allow', 'block'],
  ['permit', 'forbid'],
  ['accept', 'reject'],
  ['before', 'after'],
  ['more', 'less'],
  ['above', 'below'],
  ['minimum', 'maximum'],
  ['min', 'max'],
  ['first', 'last'],
  ['always', 'never'],
  ['true', 'false'],
  ['required', 'optional'],
  ['synchronous', 'asynchronous'],
  ['increase', 'decrease'],
  ['include', 'exclude'],
  ['public', 'private'],
  ['client', 'server'],
  ['read', 'write'],
  ['open', 'close'],
  ['start', 'stop'],
  ['add', 'remove'],
  ['encrypted', 'unencrypted'],
  ['safe', 'unsafe'],
  ['valid', 'invalid'],
  ['supported', 'unsupported'],
  ['faster', 'slower'],
  ['larger', 'smaller'],
  ['most', 'least'],
  ['success', 'failure'],
];
const ENDING = '(?:s|d|ed|es|ing|ly)?';
const OPPOSITE_PATTERNS = OPPOSITES.map(([one, other]) => [wordPattern(one), wordPattern(other)] as const);

export function readPassage({ title, headings, text }: Passage): ReadPassage {
  const sentences = splitSentences(text);
  return {
    text: sentences.flatMap((sentence) => (sentence.isHidden ? [] : [sentence.text])).join('\n'),
    about: new Set(contentWords([title ?? '', ...headings].join(' '))),
    places: placesOf(text, sentences),
  };
}

/** The place that says most of the claim: one sentence of the cited passages, or two that follow one another. */
export function lexicalSupport(claim: string, passages: readonly ReadPassage[]): LexicalSupport {
  const wanted = new Set(contentWords(withoutNegation(claim)));
  const scored = passages.flatMap(({ about, places }) =>
    places.map(({ text, words }) => ({
      quote: text,
      score: share(wanted, (word) => words.has(word) || about.has(word)),
    })),
  );
  // Of equals the shorter one: the contrary may stand right beside it.
  const [best] = scored.sort((a, b) => b.score - a.score || a.quote.length - b.quote.length);
  if (best === undefined || best.score === 0) return { score: 0, contradicts: false, quote: '' };
  const told = passages.map(({ text }) => text).join('\n');
  return { ...best, contradicts: contradict(claim, best.quote, told) };
}

function placesOf(text: string, sentences: Sentence[]): Place[] {
  return sentences.flatMap((sentence, index) => {
    if (sentence.isHidden) return [];
    const next = sentences[index + 1];
    const pair = next === undefined || next.isHidden ? [] : [text.slice(sentence.start, next.end)];
    return [sentence.text, ...pair].map((place) => ({ text: place, words: new Set(contentWords(place)) }));
  });
}

function share(words: ReadonlySet<string>, isThere: (word: string) => boolean): number {
  let count = 0;
  for (const word of words) if (isThere(word)) count += 1;
  return count / (words.size || 1);
}

function contradict(claim: string, place: string, told: string): boolean {
  const numbers = new Set(told.match(NUMBER)?.map(plainNumber) ?? []);
  const hasOtherNumber = (claim.match(NUMBER) ?? []).some((number) => !numbers.has(plainNumber(number)));
  return hasOtherNumber || isNegated(claim) !== isNegated(place) || hasOpposite(claim, place);
}

/** 1,000 and 1000 are the same. */
function plainNumber(number: string): string {
  return number.replace(/[.,](?=\d{3}\b)/g, '');
}

function hasOpposite(claim: string, place: string): boolean {
  return OPPOSITE_PATTERNS.some(([one, other]) => {
    const isOnly = (pattern: RegExp, opposite: RegExp, text: string) => pattern.test(text) && !opposite.test(text);
    if (isOnly(one, other, claim)) return isOnly(other, one, place);
    return isOnly(other, one, claim) && isOnly(one, other, place);
  });
}

function wordPattern(word: string): RegExp {
  return new RegExp(`\\b${word.replace(/e$/, 'e?').replace(/y$/, '(?:y|ie)')}${ENDING}\\b`, 'i');
}
