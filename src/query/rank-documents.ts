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
// A document that only its words have found may hold the one thing asked for, such as an error's code: it is not to vanish.
const LEAST_NEARNESS = -2;
const LEAST_COSINE = 0.01;

/**
 * How much each document says of the question, all of its passages together: that several were found speaks for it, and so
 * do words that no other document has. Logarithms, comparable among these passages only.
 */
export function evidenceOfDocuments(read: readonly ReadPassage[], wanted: Iterable<string>): Map<string, number> {
  const shareOf = sharesOf(read, wanted);
  const nearnessOf = nearnessAmong(read.flatMap(({ passage: { similarity } }) => similarity ?? []));
  const byDocument = Map.groupBy(read, ({ passage }) => passage.documentId);
  return new Map(
    [...byDocument].map(([documentId, own]) => {
      const found = own.reduce((sum, { passage }) => sum + RANK_DISCOUNT ** (passage.n - 1), 0);
      const nearness = nearnessOf(own.flatMap(({ passage: { similarity } }) => similarity ?? []));
      return [documentId, Math.log(found) + COVERAGE_WEIGHT * shareOf(own) + nearness];
    }),
  );
}

/** 0 for the nearest. How near those are that words alone have found nobody knows: as near as half of the others. */
function nearnessAmong(known: readonly number[]): (own: readonly number[]) => number {
  const cosines = known.map((cosine) => Math.max(cosine, LEAST_COSINE)).sort((a, b) => a - b);
  const [median, nearest] = [cosines[cosines.length >> 1], cosines.at(-1)];
  if (median === undefined || nearest === undefined) return () => 0;
  return (own) => {
    const near = own.length === 0 ? median : Math.max(LEAST_COSINE, ...own);
    return Math.max(LEAST_NEARNESS, NEARNESS_POWER * Math.log(near / nearest));
  };
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
