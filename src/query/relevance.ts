import type { Passage } from './answer.ts';
import { languageOf } from './language.ts';
import { askedWords, EVERYDAY } from './telling-words.ts';
import { readToldWords } from './told-words.ts';

/** What tells how well passages fit a question. */
export interface RelevanceFeatures {
  /** Of the first passage; of the nearest where the first was found by its words alone, `null` where all were. */
  cosine: number | null;
  /** The share of the question's words that are not everyday ones and in none of the passages. */
  missingWords: number;
  /** The share of the names in it, such as products', that are in none of them. */
  missingNames: number;
}

/** How much each feature says, and from which sum on passages are relevant. Belongs to one embedding model. */
export interface RelevanceCalibration {
  floor: number;
  /** The cosine up to which `lowCosine` counts beside `cosine`: what is nearer is of the same field at least. */
  lowCosine: number;
  weights: Record<'cosine' | 'lowCosine' | 'missingWords' | 'missingNames', number>;
}

// Somebody may ask in thousands of words.
const MOST_WORDS = 64;
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
  const relevance = relevanceOf(relevanceFeatures(question, passages), calibration);
  if (relevance === null) return 'unjudged';
  return relevance < calibration.floor ? 'irrelevant' : 'relevant';
}

/** `null` where nothing was measured. */
export function relevanceOf(
  { cosine, ...missing }: RelevanceFeatures,
  { lowCosine, weights }: Pick<RelevanceCalibration, 'lowCosine' | 'weights'>,
): number | null {
  if (cosine === null) return null;
  const terms = relevanceTerms({ cosine, ...missing }, lowCosine);
  return (
    weights.cosine * terms.cosine +
    weights.lowCosine * terms.lowCosine +
    weights.missingWords * terms.missingWords +
    weights.missingNames * terms.missingNames
  );
}

/** What is weighted. */
export function relevanceTerms(
  { cosine, missingWords, missingNames }: RelevanceFeatures & { cosine: number },
  lowCosine: number,
): RelevanceCalibration['weights'] {
  return { cosine, lowCosine: Math.min(cosine, lowCosine), missingWords, missingNames };
}

export function relevanceFeatures(question: string, passages: readonly Passage[]): RelevanceFeatures {
  const { names, others, count } = askedWords(question);
  const told = readToldWords(passages);
  const missingNames = [...names].slice(0, MOST_WORDS).filter(([name, parts]) => !told.hasName(name, parts));
  const missingOthers = others
    .slice(0, MOST_WORDS)
    .filter((word) => !told.has(word) && !told.hasSpelling(word, EVERYDAY));
  const missing = missingNames.filter(([name]) => !EVERYDAY.has(name)).length + missingOthers.length;
  return {
    cosine: cosineOf(passages),
    missingWords: isEnglish(question) ? missing / (count || 1) : 0,
    missingNames: missingNames.length / (names.size || 1),
  };
}

function cosineOf([first, ...others]: readonly Passage[]): number | null {
  if (first === undefined || first.similarity !== null) return first?.similarity ?? null;
  const cosines = others.flatMap(({ similarity }) => similarity ?? []);
  return cosines.length === 0 ? null : Math.max(...cosines);
}

/** As far as its small words tell: which words are everyday ones is known of English alone. */
function isEnglish(text: string): boolean {
  const language = languageOf(text);
  return language === 'en' || language === null;
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
