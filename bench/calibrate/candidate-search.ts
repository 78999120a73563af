import { matchQuestions, type VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import { createRandomProjection } from '../../src/cache/similar-questions/random-projection.ts';
import { type Candidate, keepNewest, likeliestKeys } from '../../src/cache/similar-questions/similar-candidates.ts';
import { type SimilaritySignature, signVector } from '../../src/cache/similar-questions/similarity-bands.ts';

/** Pairs this little above the threshold are the hardest to find. */
const JUST_ABOVE = 0.02;

export interface CandidateSearch {
  entries: number;
  questions: number;
  /** Pairs of different texts right above the threshold. */
  justAbove: number;
  /** How many of them the bands bring together, when no bucket is ever full. */
  broughtTogether: number;
  /** How many of them are among the few that are chosen from buckets as full as the cache lets them be. */
  chosen: number;
  /** Questions that some entry matches, guards included, and how many of them have such a one among the chosen. */
  matchable: number;
  matched: number;
  /** The mean share of all entries that each question reads. */
  meanFetched: number;
  maxFetched: number;
  microsecondsPerSignature: number;
}

interface Entry {
  question: VectoredQuestion;
  key: string;
  signature: SimilaritySignature;
}

/** Puts every entry into its bands as the cache does, and compares what each question finds with looking at everything. */
export function measureCandidateSearch(
  questions: readonly VectoredQuestion[],
  asked: readonly VectoredQuestion[],
  threshold: number,
): CandidateSearch {
  const { entries, microsecondsPerSignature } = signAll(questions);
  const unbounded = fillBuckets(entries, (bucket, candidate) => [...bucket, candidate]);
  const bounded = fillBuckets(entries, keepNewest);
  const search = { justAbove: 0, broughtTogether: 0, chosen: 0, matchable: 0, matched: 0 };
  const isAsked = new Set(asked);
  for (const entry of entries.filter(({ question }) => isAsked.has(question))) {
    const near = new Set(candidatesOf(entry, unbounded).map(({ key }) => key));
    const chosen = new Set(likeliestKeys(candidatesOf(entry, bounded), entry.signature.sketch, threshold));
    let isMatchable = false;
    let isMatched = false;
    for (const other of entries) {
      if (other === entry) continue;
      const { cosine, isMatch } = matchQuestions(entry.question, other.question, threshold);
      if (isMatch) isMatchable = true;
      if (isMatch && chosen.has(other.key)) isMatched = true;
      if (!(cosine >= threshold && cosine < threshold + JUST_ABOVE)) continue;
      search.justAbove += 1;
      if (near.has(other.key)) search.broughtTogether += 1;
      if (chosen.has(other.key)) search.chosen += 1;
    }
    if (isMatchable) search.matchable += 1;
    if (isMatched) search.matched += 1;
  }
  const fetched = entries.map((entry) => countKeys(candidatesOf(entry, bounded)) / entries.length);
  return {
    ...search,
    entries: entries.length,
    questions: asked.length,
    meanFetched: fetched.reduce((sum, share) => sum + share, 0) / fetched.length,
    maxFetched: Math.max(...fetched),
    microsecondsPerSignature,
  };
}

function signAll(questions: readonly VectoredQuestion[]): { entries: Entry[]; microsecondsPerSignature: number } {
  const [first] = questions;
  if (first === undefined) throw new Error('no entries to search');
  const projection = createRandomProjection(first.vector.length);
  const startedAt = performance.now();
  const entries = questions.map((question, index) => {
    return { question, key: String(index), signature: signVector(projection, question.vector) };
  });
  return { entries, microsecondsPerSignature: ((performance.now() - startedAt) * 1_000) / questions.length };
}

function fillBuckets(
  entries: readonly Entry[],
  put: (bucket: readonly Candidate[], candidate: Candidate) => Candidate[],
): ReadonlyMap<string, Candidate[]> {
  const buckets = new Map<string, Candidate[]>();
  for (const { key, signature } of entries) {
    for (const field of signature.bands) {
      buckets.set(field, put(buckets.get(field) ?? [], { key, sketch: signature.sketch }));
    }
  }
  return buckets;
}

/** Of the others: a question that is asked again is found by its own words. */
function candidatesOf({ key, signature }: Entry, buckets: ReadonlyMap<string, Candidate[]>): Candidate[] {
  return signature.probes.flatMap((field) => buckets.get(field) ?? []).filter((candidate) => candidate.key !== key);
}

function countKeys(candidates: readonly Candidate[]): number {
  return new Set(candidates.map(({ key }) => key)).size;
}
