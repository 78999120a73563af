import { cosineOf } from '../../models/cosine.ts';
import { type Veto, vetoMatch } from './question-guards.ts';
import type { QuestionText } from './question-text.ts';

export interface VectoredQuestion {
  text: QuestionText;
  /** Of unit length. */
  vector: Float32Array;
}

export type QuestionMatch =
  | { isMatch: true; cosine: number }
  | { isMatch: false; cosine: number; reason: Veto | 'cosine' };

/** Whether what was found for one question may be served for the other. Symmetric. */
export function matchQuestions(a: VectoredQuestion, b: VectoredQuestion, threshold: number): QuestionMatch {
  const cosine = cosineOf(a.vector, b.vector);
  // Also when it is not a number: a damaged vector matches nothing.
  if (!(cosine >= threshold)) return { isMatch: false, cosine, reason: 'cosine' };
  const veto = vetoMatch(a.text, b.text);
  return veto === null ? { isMatch: true, cosine } : { isMatch: false, cosine, reason: veto };
}
