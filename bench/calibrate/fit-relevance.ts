import {
  type RelevanceCalibration,
  type RelevanceFeatures,
  relevanceOf,
  relevanceTerms,
} from '../../src/query/relevance.ts';
import type { Kind } from '../answers/labelled-questions.ts';
import { fitLogistic } from './fit-logistic.ts';

export interface JudgedQuestion {
  id: string;
  kind: Kind;
  /** Of questions that were written together. */
  set: string;
  features: RelevanceFeatures & { cosine: number };
}

type Weights = RelevanceCalibration['weights'];
type Term = keyof Weights;

/** Which way a term may count: a fit that says otherwise has learned the questions, not what they have in common. */
const SIGNS: Weights = { cosine: 1, lowCosine: 1, missingWords: -1, missingNames: -1 };
// `Object.keys` does not keep the type of the keys.
export const TERMS = Object.keys(SIGNS) as Term[];
/** Of what each kind counts in the fit, however many questions of it there are. */
const SHARES: Record<Kind, number> = { answerable: 0.5, 'near-domain': 0.375, 'off-domain': 0.125 };
/** Of the answerable questions, those whose cosine is low. */
const LOW_SHARE = 0.05;
const FOLDS = 8;

/** Weights by logistic regression, in units of the cosine's, and the floor that refuses so many of the answerable ones. */
export function fitRelevance(questions: readonly JudgedQuestion[], mostRefused: number): RelevanceCalibration {
  const weighed = equalSets(questions);
  const answerable = weighed.filter(({ question }) => question.kind === 'answerable');
  const lowCosine = round(quantile(answerable, LOW_SHARE, ({ features }) => features.cosine));
  const weights = fitWeights(weighed, lowCosine);
  const floor = quantile(answerable, mostRefused, ({ features }) => relevanceOf(features, { lowCosine, weights }) ?? 0);
  // Down: up, it would refuse more.
  return { floor: Math.floor(100 * floor) / 100, lowCosine, weights };
}

/** Which of the questions are refused by a fit that has seen no other of their set; of one set alone, of their eighth. */
export function refusedUnseen(questions: readonly JudgedQuestion[], mostRefused: number): JudgedQuestion[] {
  const sets = [...new Set(questions.map(({ set }) => set))];
  const foldOf = new Map(questions.map(({ id, set }, at) => [id, sets.length > 1 ? sets.indexOf(set) : at % FOLDS]));
  return [...new Set(foldOf.values())].flatMap((fold) => {
    const isHeldOut = ({ id }: JudgedQuestion) => foldOf.get(id) === fold;
    const fitted = fitRelevance(
      questions.filter((question) => !isHeldOut(question)),
      mostRefused,
    );
    return questions.filter((question) => isHeldOut(question) && isRefused(question, fitted));
  });
}

export function isRefused({ features }: JudgedQuestion, calibration: RelevanceCalibration): boolean {
  return (relevanceOf(features, calibration) ?? 0) < calibration.floor;
}

interface Weighed {
  question: JudgedQuestion;
  /** Of its kind. */
  share: number;
}

/** A set counts as much as another, however many questions it has. */
function equalSets(questions: readonly JudgedQuestion[]): Weighed[] {
  return questions.map((question) => {
    const ofKind = questions.filter(({ kind }) => kind === question.kind);
    const sets = new Set(ofKind.map(({ set }) => set)).size;
    return { question, share: 1 / sets / ofKind.filter(({ set }) => set === question.set).length };
  });
}

/** The least value that no more than this share of them is below. */
function quantile(weighed: readonly Weighed[], share: number, readValue: (question: JudgedQuestion) => number): number {
  const sorted = weighed
    .map((each) => ({ value: readValue(each.question), share: each.share }))
    .sort((a, b) => a.value - b.value);
  let below = 0;
  for (const each of sorted) {
    below += each.share;
    if (below > share) return each.value;
  }
  return sorted.at(-1)?.value ?? 0;
}

function fitWeights(weighed: readonly Weighed[], lowCosine: number): Weights {
  const rows = weighed.map(({ question: { kind, features }, share }) => {
    const terms = relevanceTerms(features, lowCosine);
    return { values: TERMS.map((term) => terms[term]), isTrue: kind === 'answerable', share: share * SHARES[kind] };
  });
  const slopes = fitLogistic(
    rows,
    TERMS.map((term) => SIGNS[term]),
  );
  const slopeOf = (term: Term) => slopes[TERMS.indexOf(term)] ?? 0;
  const weightOf = (term: Term) => round(slopeOf(term) / (slopeOf('cosine') || 1));
  return {
    cosine: weightOf('cosine'),
    lowCosine: weightOf('lowCosine'),
    missingWords: weightOf('missingWords'),
    missingNames: weightOf('missingNames'),
  };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
