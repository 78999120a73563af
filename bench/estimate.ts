export interface Estimate {
  value: number;
  /** 95 % of the resampled values lie between the two. */
  low: number;
  high: number;
}

const RESAMPLES = 2_000;

/** The mean with its 95 % interval from a percentile bootstrap. */
export function estimateMean(values: readonly number[], random: () => number): Estimate {
  return estimate(meanOf, values, random);
}

/** The median with its 95 % interval from a percentile bootstrap. */
export function estimateMedian(values: readonly number[], random: () => number): Estimate {
  return estimate(medianOf, values, random);
}

/** How much more one series has than another, pair by pair: what makes a pair hard for both cancels out. */
export function estimateGain(values: readonly number[], than: readonly number[], random: () => number): Estimate {
  if (values.length !== than.length) throw new Error('not the same pairs');
  return estimateMean(
    values.map((value, at) => value - (than[at] ?? 0)),
    random,
  );
}

function estimate(
  statistic: (values: readonly number[]) => number,
  values: readonly number[],
  random: () => number,
): Estimate {
  if (values.length === 0) throw new Error('no values to estimate from');
  const resampled = Array.from({ length: RESAMPLES }, () => statistic(resample(values, random))).sort((a, b) => a - b);
  return { value: statistic(values), low: quantile(resampled, 0.025), high: quantile(resampled, 0.975) };
}

function resample(values: readonly number[], random: () => number): number[] {
  return values.map(() => values[Math.floor(random() * values.length)] ?? 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return meanOf(sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1));
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN;
}
