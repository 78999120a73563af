export type Metric = 'cosine' | 'euclidean' | 'dot-product';

export interface Candidate {
  values: Float32Array;
}

/** The `topK` candidates nearest to the vector, best first; exact, by comparing them all. */
export function nearest<T extends Candidate>(
  candidates: Iterable<T>,
  vector: Float32Array,
  topK: number,
  metric: Metric,
): { candidate: T; score: number }[] {
  // A distance is best when small, a similarity when large.
  const sign = metric === 'euclidean' ? -1 : 1;
  const best: { candidate: T; score: number }[] = [];
  for (const candidate of candidates) {
    const score = scoreOf(metric, vector, candidate.values);
    const worst = best[topK - 1];
    if (worst && sign * score <= sign * worst.score) continue;
    const position = best.findIndex((other) => sign * score > sign * other.score);
    best.splice(position === -1 ? best.length : position, 0, { candidate, score });
    if (best.length > topK) best.pop();
  }
  return best;
}

/** Rounded to float32, the precision the index keeps. */
function scoreOf(metric: Metric, a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aSquared = 0;
  let bSquared = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    aSquared += x * x;
    bSquared += y * y;
  }
  if (metric === 'dot-product') return Math.fround(dot);
  if (metric === 'euclidean') return Math.fround(Math.sqrt(Math.max(0, aSquared + bSquared - 2 * dot)));
  const lengths = Math.sqrt(aSquared) * Math.sqrt(bSquared);
  return lengths === 0 ? 0 : Math.fround(dot / lengths);
}
