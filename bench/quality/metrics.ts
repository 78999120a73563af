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

export interface Estimate {
  mean: number;
  /** 95 % of the resampled means lie between the two. */
  low: number;
  high: number;
}

const RESAMPLES = 2_000;

/** The mean over queries with its 95 % interval from a percentile bootstrap. */
export function estimateMean(values: readonly number[], random: () => number): Estimate {
  if (values.length === 0) throw new Error('no values to estimate from');
  const means = Array.from({ length: RESAMPLES }, () => meanOf(resample(values, random))).sort((a, b) => a - b);
  return { mean: meanOf(values), low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/** How much better one method is than another, query by query: what makes a query hard for both cancels out. */
export function estimateGain(values: readonly number[], than: readonly number[], random: () => number): Estimate {
  if (values.length !== than.length) throw new Error('not the same queries');
  return estimateMean(
    values.map((value, query) => value - (than[query] ?? 0)),
    random,
  );
}

function discountedGain(grades: number[]): number {
  return grades.reduce((sum, grade, index) => sum + (2 ** grade - 1) / Math.log2(index + 2), 0);
}

function resample(values: readonly number[], random: () => number): number[] {
  return values.map(() => values[Math.floor(random() * values.length)] ?? 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN;
}
