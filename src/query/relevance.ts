import type { Passage } from './answer.ts';
import { COMMON_WORDS } from './common-words.ts';
import { languageOf } from './language.ts';
import { contentWords } from './words.ts';

/** What tells how well passages fit a question. */
export interface RelevanceFeatures {
  /** Of the nearest passage; `null` when all were found by their words alone. */
  cosine: number | null;
  /** The share of the question's words that the first passage has, each weighted by how few of the passages have it. */
  coverage: number;
  /** Whether a name in the question, such as a product's, is in none of them. */
  missesName: boolean;
  /** How many of its other words are in none of them. */
  missingWords: number;
  missingShare: number;
}

/** How much each feature says, and from which sum on passages are relevant. Belongs to one embedding model. */
export interface RelevanceCalibration {
  floor: number;
  weights: { cosine: number; coverage: number; missesName: number; missingWord: number; missingShare: number };
}

// More of them say no more.
const MOST_MISSING = 3;
const SHORTEST_WORD = 2;
const LONGEST_NAME = 100;
const LANGUAGE_CHARACTERS = 6_000;
const COMMON = new Set(COMMON_WORDS.flatMap(contentWords));

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
  const { cosine, coverage, missesName, missingWords, missingShare } = features;
  if (cosine === null) return null;
  return (
    weights.cosine * cosine +
    weights.coverage * coverage -
    weights.missesName * Number(missesName) -
    weights.missingWord * Math.min(MOST_MISSING, missingWords) -
    weights.missingShare * missingShare
  );
}

export function relevanceFeatures(question: string, passages: readonly Passage[]): RelevanceFeatures {
  const { names, others } = tellingWords(question);
  const texts = passages.map(wordsOf);
  const all = [...names.keys(), ...others];
  const holding = new Map([
    ...[...names].map(([name, parts]) => [name, texts.map((words) => hasName(words, name, parts))] as const),
    ...others.map((word) => [word, texts.map((words) => has(words, word))] as const),
  ]);
  const isMissing = (word: string) => holding.get(word)?.includes(true) !== true;
  const weightOf = (word: string) => {
    const count = holding.get(word)?.filter(Boolean).length ?? 0;
    return Math.log(1 + passages.length / (count + 0.5));
  };
  const sum = (words: string[]) => words.reduce((total, word) => total + weightOf(word), 0);
  const missing = others.filter(isMissing);
  const cosines = passages.flatMap(({ similarity }) => similarity ?? []);
  return {
    cosine: cosines.length === 0 ? null : Math.max(...cosines),
    coverage: sum(all.filter((word) => holding.get(word)?.[0] === true)) / (sum(all) || 1),
    missesName: [...names.keys()].some(isMissing),
    missingWords: missing.length,
    missingShare: missing.length / (others.length || 1),
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

/** The words of a question that may be missed: names, with what they are made of, and those that are not in every question. */
function tellingWords(question: string): { names: Map<string, string[]>; others: string[] } {
  // Its nouns look like names.
  const hasCapitals = languageOf(question) !== 'de';
  const names = new Map<string, string[]>();
  const others = new Set<string>();
  for (const [index, token] of question.split(/\s+/).entries()) {
    const words = contentWords(token).filter((word) => word.length >= SHORTEST_WORD);
    if (isName(token, hasCapitals && index > 0)) {
      const parts = contentWords(apart(token));
      for (const word of words) names.set(word, words.length === 1 ? parts : [word]);
    } else {
      for (const word of words) if (!COMMON.has(word)) others.add(word);
    }
  }
  return { names, others: [...others].filter((word) => !names.has(word)) };
}

const EDGES = /^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu;
const NUMBER = /^[\d.,]+\p{L}?$/u;
const ABBREVIATION = /^(?:i\.e|e\.g|z\.b|etc|vs)$/i;
const UNIT = /^(?:[kKMGT]i?B|[kMG]?bit|[kMG]?Hz|ms)$/;
// webAuthn, PM2, SAML, Fly.io
const WRITTEN_AS_NAME = /\p{Ll}\p{Lu}|\d|\p{Lu}{2}|[\p{L}\p{N}][._/@][\p{L}\p{N}]/u;
const CAPITALISED = /^\p{Lu}./u;

function isName(token: string, countsCapital: boolean): boolean {
  const core = token.slice(0, LONGEST_NAME).replace(EDGES, '');
  if ([NUMBER, ABBREVIATION, UNIT].some((pattern) => pattern.test(core))) return false;
  return WRITTEN_AS_NAME.test(core) || (countsCapital && CAPITALISED.test(core));
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

function apart(text: string): string {
  return text.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ');
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
