import type { Passage } from './answer.ts';
import { languageOf, mayBeEnglish } from './language.ts';
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

// Somebody may ask in thousands of words. So many names are read, and so many others that are no everyday words.
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
  const [readNames, readOthers] = [[...names].slice(0, MOST_WORDS), others.slice(0, MOST_WORDS)];
  const unread = names.size - readNames.length + others.length - readOthers.length;
  const missingNames = readNames.filter(([name, parts]) => !told.hasName(name, parts));
  const missingOthers = readOthers.filter((word) => !told.has(word) && !told.hasSpelling(word, EVERYDAY));
  const missing = missingNames.filter(([name]) => !EVERYDAY.has(name)).length + missingOthers.length;
  return {
    cosine: cosineOf(passages),
    // Which words are everyday ones is known of English alone.
    missingWords: mayBeEnglish(question) ? missing / (count - unread || 1) : 0,
    missingNames: missingNames.length / (readNames.length || 1),
  };
}

function cosineOf([first, ...others]: readonly Passage[]): number | null {
  if (first === undefined || first.similarity !== null) return first?.similarity ?? null;
  const cosines = others.flatMap(({ similarity }) => similarity ?? []);
  return cosines.length === 0 ? null : Math.max(...cosines);
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
