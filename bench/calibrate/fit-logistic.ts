export interface LabelledRow {
  values: number[];
  isTrue: boolean;
  /** How much it counts. */
  share: number;
}

const STEPS = 1_500;
const RATE = 0.7;
const PENALTY = 0.01;

/**
 * How much each value says for a row being true, by logistic regression: a slope a value, none of the other sign than
 * the one given for it. Large slopes are penalised.
 */
export function fitLogistic(rows: readonly LabelledRow[], signs: readonly number[]): number[] {
  const spreads = signs.map((_, at) => spreadOf(rows.map(({ values }) => values[at] ?? 0)));
  const scaled = rows.map((row) => ({
    ...row,
    values: spreads.map(({ mean, deviation }, at) => ((row.values[at] ?? 0) - mean) / deviation),
  }));
  const slopes = signs.map(() => 0);
  let bias = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = signs.map(() => 0);
    let drift = 0;
    for (const { values, isTrue, share } of scaled) {
      const sum = values.reduce((total, value, at) => total + value * (slopes[at] ?? 0), bias);
      const error = share * (1 / (1 + Math.exp(-sum)) - Number(isTrue));
      drift += error;
      for (const [at, value] of values.entries()) gradient[at] = (gradient[at] ?? 0) + error * value;
    }
    bias -= 2 * RATE * drift;
    for (const [at, sign] of signs.entries()) {
      const slope = slopes[at] ?? 0;
      const next = slope - RATE * (2 * (gradient[at] ?? 0) + PENALTY * slope);
      slopes[at] = next * sign < 0 ? 0 : next;
    }
  }
  return slopes.map((slope, at) => slope / (spreads[at]?.deviation ?? 1));
}

function spreadOf(values: number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}
