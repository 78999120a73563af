import { matchQuestions, type VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import type { LabelledPair } from './labelled-pairs.ts';

export interface MeasuredPair extends LabelledPair {
  cosine: number;
  /** What the guards say, whatever the cosine. */
  veto: string | null;
}

/**
 * No threshold is lower: fewer than 98 % of the entries that close are found, and what the guards miss has to be unlikely.
 */
const LOWEST_THRESHOLD = 0.82;
/** Above the closest near miss of the tuning half: the other half has its own, as far away from it again as any two are. */
const MARGIN = 0.02;

export function measurePair(pair: LabelledPair, questions: ReadonlyMap<string, VectoredQuestion>): MeasuredPair {
  const a = questions.get(pair.a);
  const b = questions.get(pair.b);
  if (a === undefined || b === undefined) throw new Error('a question was not embedded');
  const match = matchQuestions(a, b, -1);
  return { ...pair, cosine: match.cosine, veto: match.isMatch ? null : match.reason };
}

/** The smallest threshold, in hundredths, that matches no near miss the guards let pass, plus the margin. */
export function tuneThreshold(pairs: readonly MeasuredPair[]): number {
  return Math.max(LOWEST_THRESHOLD, aboveNearMisses(pairs.filter(({ veto }) => veto === null)));
}

/** The same for the cosine without any guard, however high. */
export function tuneCosineAlone(pairs: readonly MeasuredPair[]): number {
  return Math.max(LOWEST_THRESHOLD, aboveNearMisses(pairs));
}

export function isMatched({ cosine, veto }: MeasuredPair, threshold: number): boolean {
  return veto === null && cosine >= threshold;
}

function aboveNearMisses(pairs: readonly MeasuredPair[]): number {
  const closest = pairs.reduce((highest, { match, cosine }) => (match ? highest : Math.max(highest, cosine)), -1);
  return Math.ceil((closest + MARGIN) * 100) / 100;
}
