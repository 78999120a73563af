interface RankedPassage {
  documentId: string;
  /** From 1 in each leg; `null` where a leg did not have it. */
  ranks: { vector: number | null; lexical: number | null };
}

// As in the paper that introduced it (Cormack, Clarke and Büttcher, SIGIR 2009).
const RANK_OFFSET = 60;

/** The order that reciprocal-rank fusion would have given the same candidates: what Vigil's own has to beat. */
export function plainFusion<T extends RankedPassage>(passages: readonly T[]): T[] {
  const scoreOf = ({ ranks }: T) => reciprocal(ranks.vector) + reciprocal(ranks.lexical);
  const tieOf = ({ ranks }: T) =>
    Math.min(ranks.vector ?? Number.POSITIVE_INFINITY, ranks.lexical ?? Number.POSITIVE_INFINITY);
  return passages.toSorted((a, b) => scoreOf(b) - scoreOf(a) || tieOf(a) - tieOf(b));
}

function reciprocal(rank: number | null): number {
  return rank === null ? 0 : 1 / (RANK_OFFSET + rank);
}
