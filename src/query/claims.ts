import { type Sentence, splitSentences } from './sentences.ts';

/** A sentence of an answer, and the passages it is to be held against. */
export interface Claim {
  sentence: Sentence;
  /** Without the numbers. */
  text: string;
  cited: number[];
}

const MARKER = /\s*\[(\d{1,3})\]/g;
const LEADING_MARKERS = /^(?:\s*\[\d{1,3}\])+\s*/;
const PARAGRAPH_END = /\n[^\S\n]*\n/;

/**
 * What an answer says, sentence by sentence. A number that stands after the full stop belongs to the sentence before; a
 * sentence without any is held against what the next one in its paragraph cites, else against all that is cited.
 */
export function claimsOf(answer: string): Claim[] {
  const claims: Claim[] = [];
  for (const sentence of splitSentences(answer)) {
    if (!sentence.isProse) continue;
    const leading = LEADING_MARKERS.exec(sentence.text)?.[0] ?? '';
    claims.at(-1)?.cited.push(...numbersIn(leading));
    const start = sentence.start + leading.length;
    const rest = sentence.text.slice(leading.length);
    const text = rest.replace(MARKER, '');
    if (!/[\p{L}\p{N}]/u.test(text)) continue;
    claims.push({ sentence: { ...sentence, text: rest, start }, text, cited: numbersIn(rest) });
  }
  const all = claims.flatMap(({ cited }) => cited);
  return claims.map((claim, index) => {
    const cited = claim.cited.length > 0 ? claim.cited : citedAfter(answer, claims, index);
    return { ...claim, cited: [...new Set(cited.length > 0 ? cited : all)] };
  });
}

function citedAfter(answer: string, claims: Claim[], index: number): number[] {
  const from = claims[index]?.sentence.end ?? 0;
  const next = claims.slice(index + 1).find(({ cited }) => cited.length > 0);
  return next === undefined || PARAGRAPH_END.test(answer.slice(from, next.sentence.start)) ? [] : next.cited;
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(MARKER)].map(([, digits]) => Number(digits));
}
