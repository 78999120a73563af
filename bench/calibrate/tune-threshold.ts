import { matchQuestions, type VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import type { LabelledPair } from './labelled-pairs.ts';

export interface MeasuredPair extends LabelledPair {
  cosine: number;
  /** What the guards say, whatever the cosine. */
  veto: string | null;
}

/** Below it the bands find fewer than 98 % of what is that close. */
const LOWEST_THRESHOLD = 0.82;
/** Rounding and half precision move a cosine by less than 0.005; the rest is for near misses nobody has written down. */
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
  const passed = pairs.filter(({ match, veto }) => !match && veto === null);
  const closest = Math.max(-1, ...passed.map(({ cosine }) => cosine));
  return Math.max(LOWEST_THRESHOLD, Math.ceil((closest + MARGIN) * 100) / 100);
}

export function isMatched({ cosine, veto }: MeasuredPair, threshold: number): boolean {
  return veto === null && cosine >= threshold;
}
