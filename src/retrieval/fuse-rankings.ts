// The usual constant: large enough that the first ranks do not drown the agreement of two rankings.
const RANK_OFFSET = 60;

export interface Ranks {
  /** From 1; `null` where the ranking does not have it. */
  vector: number | null;
  lexical: number | null;
}

export interface FusedRank {
  id: string;
  score: number;
  ranks: Ranks;
}

/** Reciprocal-rank fusion: each ranking (best first, no id twice) gives 1 / (60 + rank). Ties go to the smaller id. */
export function fuseRankings(rankings: { vector: string[]; lexical: string[] }): FusedRank[] {
  const ranksById = new Map<string, Ranks>();
  for (const leg of ['vector', 'lexical'] as const) {
    for (const [index, id] of rankings[leg].entries()) {
      const ranks = ranksById.get(id) ?? { vector: null, lexical: null };
      ranks[leg] = index + 1;
      ranksById.set(id, ranks);
    }
  }
  return [...ranksById]
    .map(([id, ranks]) => ({ id, score: reciprocal(ranks.vector) + reciprocal(ranks.lexical), ranks }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

function reciprocal(rank: number | null): number {
  return rank === null ? 0 : 1 / (RANK_OFFSET + rank);
}
