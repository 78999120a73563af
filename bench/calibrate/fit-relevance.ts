import { type RelevanceCalibration, type RelevanceFeatures, relevanceOf } from '../../src/query/relevance.ts';
import type { Kind } from '../answers/labelled-questions.ts';

export interface JudgedQuestion {
  id: string;
  kind: Kind;
  features: RelevanceFeatures & { cosine: number };
}

type Feature = keyof RelevanceFeatures;
type Weights = RelevanceCalibration['weights'];

/** Which way a feature may count: a fit that says otherwise has learned the questions, not what they have in common. */
const SIGNS: Weights = { cosine: 1, coverage: 1, missesName: -1, missingShare: -1 };
// `Object.keys` does not keep the type of the keys.
export const FEATURES = Object.keys(SIGNS) as Feature[];
/** Of what each kind counts in the fit, however many questions of it there are. */
const SHARES: Record<Kind, number> = { answerable: 0.5, 'near-domain': 0.375, 'off-domain': 0.125 };
const STEPS = 1_500;
const RATE = 0.7;
const PENALTY = 0.01;
const FOLDS = 8;

/** Weights by logistic regression, in units of the cosine's, and the floor that refuses so many of the answerable ones. */
export function fitRelevance(questions: readonly JudgedQuestion[], mostRefused: number): RelevanceCalibration {
  const weights = fitWeights(questions);
  const answerable = questions
    .filter(({ kind }) => kind === 'answerable')
    .map(({ features }) => relevanceOf(features, weights) ?? 0)
    .sort((a, b) => a - b);
  const floor = answerable[Math.floor(answerable.length * mostRefused)] ?? 0;
  // Down: up, it would refuse more.
  return { floor: Math.floor(100 * floor) / 100, weights };
}

/** How many of each kind are refused by a fit that has not seen them. */
export function crossValidate(questions: readonly JudgedQuestion[], mostRefused: number): Record<Kind, number> {
  const refused: Record<Kind, number> = { answerable: 0, 'near-domain': 0, 'off-domain': 0 };
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const isHeldOut = (index: number) => index % FOLDS === fold;
    const { floor, weights } = fitRelevance(
      questions.filter((_, index) => !isHeldOut(index)),
      mostRefused,
    );
    for (const { kind, features } of questions.filter((_, index) => isHeldOut(index))) {
      if ((relevanceOf(features, weights) ?? 0) < floor) refused[kind] += 1;
    }
  }
  return refused;
}

function fitWeights(questions: readonly JudgedQuestion[]): Weights {
  const spreads = FEATURES.map((feature) => spreadOf(questions.map(({ features }) => Number(features[feature]))));
  const rows = questions.map(({ kind, features }) => ({
    values: FEATURES.map((feature, at) => (Number(features[feature]) - mean(spreads, at)) / deviation(spreads, at)),
    isAnswerable: kind === 'answerable',
    share: SHARES[kind] / questions.filter((other) => other.kind === kind).length,
  }));
  const slopes = FEATURES.map(() => 0);
  let bias = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = FEATURES.map(() => 0);
    let drift = 0;
    for (const { values, isAnswerable, share } of rows) {
      const sum = values.reduce((total, value, at) => total + value * (slopes[at] ?? 0), bias);
      const error = share * (1 / (1 + Math.exp(-sum)) - Number(isAnswerable));
      drift += error;
      for (const [at, value] of values.entries()) gradient[at] = (gradient[at] ?? 0) + error * value;
    }
    bias -= 2 * RATE * drift;
    for (const [at, feature] of FEATURES.entries()) {
      const slope = slopes[at] ?? 0;
      const next = slope - RATE * (2 * (gradient[at] ?? 0) + PENALTY * slope);
      slopes[at] = next * SIGNS[feature] < 0 ? 0 : next;
    }
  }
  const raw = FEATURES.map((_, at) => (slopes[at] ?? 0) / deviation(spreads, at));
  const unit = raw[FEATURES.indexOf('cosine')] || 1;
  const weightOf = (feature: Feature) => round((raw[FEATURES.indexOf(feature)] ?? 0) / unit);
  return {
    cosine: weightOf('cosine'),
    coverage: weightOf('coverage'),
    missesName: weightOf('missesName'),
    missingShare: weightOf('missingShare'),
  };
}

interface Spread {
  mean: number;
  deviation: number;
}

function spreadOf(values: number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

function mean(spreads: Spread[], at: number): number {
  return spreads[at]?.mean ?? 0;
}

function deviation(spreads: Spread[], at: number): number {
  return spreads[at]?.deviation ?? 1;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
