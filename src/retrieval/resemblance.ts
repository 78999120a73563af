import { type FusedRank, standardScores } from './fuse-rankings.ts';

// Measured on two collections (docs/retrieval.md); the same for all.
const EXEMPLARS = 3;
const SHARE = 0.4;

// A question waits for this: no more is read of a passage than tells what it is about.
const MAX_CHARACTERS = 1_200;

// Scripts written without spaces: a run of letters is a clause there, so pairs of characters stand for words.
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const WORD_STEM_LENGTH = 5;

/**
 * Lifts what resembles the best: passages that answer one question share its vocabulary beyond the words that were
 * asked. A passage's own score makes way, by a fixed share, for the cosine of its words with those of the first few.
 */
export function liftByResemblance(ranked: FusedRank[], textOf: (id: string) => string): FusedRank[] {
  if (ranked.length <= EXEMPLARS) return ranked;
  const vectors = weightedWords(ranked.map(({ id }) => textOf(id)));
  const centre = new Map<string, number>();
  for (const [index, { score }] of ranked.slice(0, EXEMPLARS).entries()) {
    for (const [word, weight] of vectors[index] ?? []) centre.set(word, (centre.get(word) ?? 0) + score * weight);
  }
  const resemblances = standardScores(vectors.map((vector) => dotProduct(vector, centre)));
  return ranked
    .map((fused, index) => ({
      ...fused,
      score: (1 - SHARE) * fused.score + SHARE * (resemblances[index] ?? 0),
    }))
    .sort((a, b) => b.score - a.score);
}

/** Unit vectors of words, weighted by how few of the texts have them. */
function weightedWords(texts: string[]): Map<string, number>[] {
  const counts = texts.map(countWords);
  const textsWith = new Map<string, number>();
  for (const words of counts) for (const word of words.keys()) textsWith.set(word, (textsWith.get(word) ?? 0) + 1);
  return counts.map((words) => {
    let squares = 0;
    const weights = new Map<string, number>();
    for (const [word, count] of words) {
      const having = textsWith.get(word) ?? 0;
      const rarity = Math.log(1 + (texts.length - having + 0.5) / (having + 0.5));
      const weight = (1 + Math.log(count)) * rarity;
      weights.set(word, weight);
      squares += weight ** 2;
    }
    const length = Math.sqrt(squares) || 1;
    for (const [word, weight] of weights) weights.set(word, weight / length);
    return weights;
  });
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const word of text
    .slice(0, MAX_CHARACTERS)
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []) {
    if (!UNSPACED.test(word)) add(word.slice(0, WORD_STEM_LENGTH));
    else for (let at = 0; at < word.length - 1; at += 1) add(word.slice(at, at + 2));
  }
  return counts;
}

function dotProduct(vector: Map<string, number>, other: Map<string, number>): number {
  let sum = 0;
  for (const [word, weight] of vector) sum += weight * (other.get(word) ?? 0);
  return sum;
}
