/** Document ids, best first, each once. */
export type Ranking = readonly string[];
/** How relevant each judged document is to one query; what is not in it is irrelevant. */
export type Grades = ReadonlyMap<string, number>;

/** Normalised discounted cumulative gain of the first `k`, with the exponential gain 2^grade − 1. */
export function ndcg(ranking: Ranking, grades: Grades, k: number): number {
  const ideal = [...grades.values()].sort((a, b) => b - a);
  const idealGain = discountedGain(ideal.slice(0, k));
  if (idealGain === 0) return 0;
  return discountedGain(ranking.slice(0, k).map((id) => grades.get(id) ?? 0)) / idealGain;
}

/** The part of all relevant documents that is among the first `k`. */
export function recall(ranking: Ranking, grades: Grades, k: number): number {
  const relevant = [...grades].filter(([, grade]) => grade > 0);
  if (relevant.length === 0) return 0;
  const first = new Set(ranking.slice(0, k));
  return relevant.filter(([id]) => first.has(id)).length / relevant.length;
}

/** The ranking of documents that a ranking of their passages implies: each document at its best passage. */
export function collapseToDocuments(passages: readonly { documentId: string }[]): string[] {
  return [...new Set(passages.map(({ documentId }) => documentId))];
}

function discountedGain(grades: number[]): number {
  return grades.reduce((sum, grade, index) => sum + (2 ** grade - 1) / Math.log2(index + 2), 0);
}
