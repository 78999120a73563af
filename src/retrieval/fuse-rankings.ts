const ROUNDING = 1e-9;

export const LEGS = ['vector', 'lexical'] as const;
export type Leg = (typeof LEGS)[number];

export interface ScoredId {
  id: string;
  score: number;
}

/** From 1; `null` where the ranking does not have it. */
export type Ranks = Record<Leg, number | null>;

export interface FusedRank {
  id: string;
  score: number;
  ranks: Ranks;
}

/**
 * Fuses two rankings (best first, no id twice) by what their scores say: each is brought to its own mean and standard
 * deviation, and an id gets the mean of its two standard scores. Ties go to the better rank. The parameters are the same
 * for every collection; docs/retrieval.md has the measurement they come from.
 */
export function fuseRankings(rankings: Record<Leg, readonly ScoredId[]>): FusedRank[] {
  const byId = new Map<string, FusedRank>();
  const legs = LEGS.filter((leg) => rankings[leg].length > 0);
  for (const leg of legs) {
    const standard = standardScores(rankings[leg].map(({ score }) => score));
    for (const [index, { id }] of rankings[leg].entries()) {
      const fused = byId.get(id) ?? { id, score: 0, ranks: { vector: null, lexical: null } };
      fused.ranks[leg] = index + 1;
      // What a leg does not have counts nothing there, as if it stood three deviations below the leg's mean.
      fused.score += (standard[index] ?? 0) / legs.length;
      byId.set(id, fused);
    }
  }
  return [...byId.values()].sort((a, b) => b.score - a.score || bestRank(a) - bestRank(b) || (a.id < b.id ? -1 : 1));
}

function bestRank({ ranks }: FusedRank): number {
  return Math.min(ranks.vector ?? Number.POSITIVE_INFINITY, ranks.lexical ?? Number.POSITIVE_INFINITY);
}

/** 0.5 for the mean of the scores, 0 for three standard deviations below it, 1 for three above, and on beyond both. */
export function standardScores(scores: readonly number[]): number[] {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  // Equal scores may differ from their mean by a rounding error.
  const isFlat = deviation <= ROUNDING * Math.abs(mean);
  return scores.map((score) => (isFlat ? 0.5 : (score - mean) / (6 * deviation) + 0.5));
}
