import { estimateCosine } from './similarity-bands.ts';

/** Where one question's results are kept, and its vector in 64 bytes. */
export interface Candidate {
  key: string;
  sketch: string;
}

const MAX_PER_BUCKET = 4;
const MAX_CANDIDATES = 5;
// What a sketch's estimate is off by.
const SKETCH_ERROR = 0.1;

/** What a bucket holds once the candidate has been put into it: the newest ones, each once. */
export function keepNewest(bucket: readonly Candidate[], candidate: Candidate): Candidate[] {
  return [candidate, ...bucket.filter(({ key }) => key !== candidate.key)].slice(0, MAX_PER_BUCKET);
}

/** Keys of the candidates that may be close enough, nearest first. */
export function likeliestKeys(candidates: readonly Candidate[], sketch: string, threshold: number): string[] {
  const byKey = new Map(candidates.map((candidate) => [candidate.key, candidate]));
  return [...byKey.values()]
    .map(({ key, sketch: other }) => ({ key, cosine: estimateCosine(sketch, other) ?? -1 }))
    .filter(({ cosine }) => cosine >= threshold - SKETCH_ERROR)
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, MAX_CANDIDATES)
    .map(({ key }) => key);
}
