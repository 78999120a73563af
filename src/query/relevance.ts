import type { Passage } from './answer.ts';
import { languageOf } from './language.ts';
import { askedWords } from './telling-words.ts';
import { apart, contentWords } from './words.ts';

/** What tells how well passages fit a question. */
export interface RelevanceFeatures {
  /** Of the nearest passage; `null` when all were found by their words alone. */
  cosine: number | null;
  /** The share of the question's words that the first passage has, each weighted by how few of the passages have it. */
  coverage: number;
  /** Whether a name in the question, such as a product's, is in none of them. */
  missesName: boolean;
  /** How many of its other words are in none of them. */
  missingShare: number;
}

/** How much each feature says, and from which sum on passages are relevant. Belongs to one embedding model. */
export interface RelevanceCalibration {
  floor: number;
  weights: Record<keyof RelevanceFeatures, number>;
}

// Of a greeting, a story and a signature any number of words may be missing: more say no more.
const MOST_MISSING = 3;
const LANGUAGE_CHARACTERS = 6_000;

/**
 * Whether the passages are about what is asked. `unjudged` where nothing was measured: no vector was searched with, so
 * there is no cosine, or the question is in another language than the passages, whose words it cannot share.
 */
export function judgeRelevance(
  question: string,
  passages: readonly Passage[],
  calibration: RelevanceCalibration,
): 'relevant' | 'irrelevant' | 'unjudged' {
  if (isForeign(question, passages)) return 'unjudged';
  const relevance = relevanceOf(relevanceFeatures(question, passages), calibration.weights);
  if (relevance === null) return 'unjudged';
  return relevance < calibration.floor ? 'irrelevant' : 'relevant';
}

export function relevanceOf(features: RelevanceFeatures, weights: RelevanceCalibration['weights']): number | null {
  const { cosine, coverage, missesName, missingShare } = features;
  if (cosine === null) return null;
  return (
    weights.cosine * cosine +
    weights.coverage * coverage +
    weights.missesName * Number(missesName) +
    weights.missingShare * missingShare
  );
}

export function relevanceFeatures(question: string, passages: readonly Passage[]): RelevanceFeatures {
  const { names, others } = askedWords(question);
  const texts = passages.map(wordsOf);
  const holding = new Map([
    ...[...names].map(([name, parts]) => [name, texts.map((words) => hasName(words, name, parts))] as const),
    ...others.map((word) => [word, texts.map((words) => has(words, word))] as const),
  ]);
  const weightOf = (held: boolean[]) => Math.log(1 + passages.length / (held.filter(Boolean).length + 0.5));
  const isMissing = (word: string) => holding.get(word)?.includes(true) !== true;
  const missing = [...holding.values()].filter((held) => !held.includes(true)).slice(0, MOST_MISSING);
  const found = [...holding.values()].filter((held) => held.includes(true));
  const sum = (all: boolean[][]) => all.reduce((total, held) => total + weightOf(held), 0);
  const cosines = passages.flatMap(({ similarity }) => similarity ?? []);
  return {
    cosine: cosines.length === 0 ? null : Math.max(...cosines),
    coverage: sum(found.filter(([isInFirst]) => isInFirst)) / (sum(found) + sum(missing) || 1),
    missesName: [...names.keys()].some(isMissing),
    missingShare: Math.min(MOST_MISSING, others.filter(isMissing).length) / (others.length || 1),
  };
}

function isForeign(question: string, passages: readonly Passage[]): boolean {
  const [asked, told] = [
    question,
    passages
      .map(({ text }) => text)
      .join('\n')
      .slice(0, LANGUAGE_CHARACTERS),
  ].map(languageOf);
  return asked !== told && asked !== null && told !== null;
}

/** Those of its place in the document too, and the parts of names in code. */
function wordsOf({ title, headings, documentId, text }: Passage): ReadonlySet<string> {
  const whole = [title ?? '', ...headings, documentId, text].join('\n');
  return new Set(contentWords(`${whole}\n${apart(whole)}`));
}

/** `bodyLimit` also where the body's limit is spoken of. */
function hasName(words: ReadonlySet<string>, name: string, parts: string[]): boolean {
  return has(words, name) || (parts.length > 1 && parts.every((part) => has(words, part)));
}

/** Long words also by their beginning: to configure and a configuration are the same. */
function has(words: ReadonlySet<string>, word: string): boolean {
  if (words.has(word)) return true;
  if (word.length < 6) return false;
  const beginning = word.slice(0, Math.max(5, word.length - 2));
  for (const other of words) {
    if (other.startsWith(beginning) && Math.abs(other.length - word.length) <= 4) return true;
  }
  return false;
}
