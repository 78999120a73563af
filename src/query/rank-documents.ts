import type { Passage } from './answer.ts';

/** A passage, and its words with those of its title and headings. */
export interface ReadPassage {
  passage: Passage;
  words: ReadonlySet<string>;
}

// How much of what the passage before it counts for a passage counts for.
const RANK_DISCOUNT = 0.8;
// Measured on the questions of `bench -- answers`: what it counts that a document has every word of the question, and by
// which power its nearness in meaning does. Both tell as much as the order in which its passages were found.
const COVERAGE_WEIGHT = 2;
const NEARNESS_POWER = 5;
const LEAST_NEARNESS = 0.01;

/**
 * How much each document says of the question, all of its passages together: that several were found speaks for it, and so
 * do words that no other document has. Logarithms, comparable among these passages only.
 */
export function evidenceOfDocuments(read: readonly ReadPassage[], wanted: Iterable<string>): Map<string, number> {
  const shareOf = sharesOf(read, wanted);
  const known = read.flatMap(({ passage: { similarity } }) => similarity ?? []);
  const [nearest, farthest] = [Math.max(...known), Math.min(...known)];
  const byDocument = Map.groupBy(read, ({ passage }) => passage.documentId);
  return new Map(
    [...byDocument].map(([documentId, own]) => {
      const found = own.reduce((sum, { passage }) => sum + RANK_DISCOUNT ** (passage.n - 1), 0);
      const near = Math.max(...own.map(({ passage }) => passage.similarity ?? farthest));
      const nearness =
        known.length === 0 ? 0 : Math.log(Math.max(near, LEAST_NEARNESS) / Math.max(nearest, LEAST_NEARNESS));
      return [documentId, Math.log(found) + COVERAGE_WEIGHT * shareOf(own) + NEARNESS_POWER * nearness];
    }),
  );
}

/** Of the question's words that are anywhere, how many are in some of the passages: the fewer passages have one, the more it counts. */
function sharesOf(read: readonly ReadPassage[], wanted: Iterable<string>): (own: readonly ReadPassage[]) => number {
  const weights = [...new Set(wanted)].flatMap((word) => {
    const holding = read.filter(({ words }) => words.has(word)).length;
    return holding === 0 ? [] : [[word, Math.log(1 + read.length / (holding + 0.5))] as const];
  });
  const whole = weights.reduce((sum, [, weight]) => sum + weight, 0) || 1;
  return (own) => {
    const had = weights.filter(([word]) => own.some(({ words }) => words.has(word)));
    return had.reduce((sum, [, weight]) => sum + weight, 0) / whole;
  };
}
