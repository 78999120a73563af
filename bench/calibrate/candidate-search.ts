import { matchQuestions, type VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import { createRandomProjection } from '../../src/cache/similar-questions/random-projection.ts';
import { signVector } from '../../src/cache/similar-questions/similarity-bands.ts';

/** Pairs this little above the threshold are the hardest to find. */
const JUST_ABOVE = 0.02;

export interface CandidateSearch {
  entries: number;
  questions: number;
  /** Pairs of different texts right above the threshold, and how many of them the bands brought together. */
  justAbove: number;
  found: number;
  /** The mean share of all entries that each of them reads. */
  meanFetched: number;
  maxFetched: number;
  microsecondsPerSignature: number;
}

/** Puts every entry into its bands, and counts what each question finds there against looking at everything. */
export function measureCandidateSearch(
  entries: readonly VectoredQuestion[],
  questions: readonly VectoredQuestion[],
  threshold: number,
): CandidateSearch {
  const [first] = entries;
  if (first === undefined) throw new Error('no entries to search');
  const projection = createRandomProjection(first.vector.length);
  const startedAt = performance.now();
  const signatures = new Map(entries.map((entry) => [entry, signVector(projection, entry.vector)]));
  const microsecondsPerSignature = ((performance.now() - startedAt) * 1_000) / entries.length;
  const buckets = new Map<string, VectoredQuestion[]>();
  for (const [entry, { bands }] of signatures) {
    for (const field of bands) {
      const bucket = buckets.get(field);
      if (bucket === undefined) buckets.set(field, [entry]);
      else bucket.push(entry);
    }
  }
  let justAbove = 0;
  let found = 0;
  const candidatesOf = (question: VectoredQuestion) => {
    const { probes } = signatures.get(question) ?? signVector(projection, question.vector);
    const candidates = new Set(probes.flatMap((field) => buckets.get(field) ?? []));
    candidates.delete(question);
    return candidates;
  };
  const fetched = entries.map((entry) => candidatesOf(entry).size / entries.length);
  for (const question of questions) {
    const candidates = candidatesOf(question);
    for (const entry of entries) {
      if (entry === question || !isJustAbove(question, entry, threshold)) continue;
      justAbove += 1;
      if (candidates.has(entry)) found += 1;
    }
  }
  return {
    entries: entries.length,
    questions: questions.length,
    justAbove,
    found,
    meanFetched: fetched.reduce((sum, share) => sum + share, 0) / fetched.length,
    maxFetched: Math.max(...fetched),
    microsecondsPerSignature,
  };
}

function isJustAbove(a: VectoredQuestion, b: VectoredQuestion, threshold: number): boolean {
  // With the highest threshold there is, no guard is asked: only the cosine is wanted of so many pairs.
  const { cosine } = matchQuestions(a, b, Number.POSITIVE_INFINITY);
  return cosine >= threshold && cosine < threshold + JUST_ABOVE;
}
