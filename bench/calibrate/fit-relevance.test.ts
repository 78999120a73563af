import { describe, expect, it } from 'vitest';
import { relevanceOf } from '../../src/query/relevance.ts';
import type { Kind } from '../answers/labelled-questions.ts';
import { crossValidate, fitRelevance, type JudgedQuestion } from './fit-relevance.ts';

const judged = (kind: Kind, cosine: number, coverage: number, missesName: boolean): JudgedQuestion => ({
  ...{ id: `${kind}-${cosine}-${coverage}`, kind },
  features: { cosine, coverage, missesName, missingShare: 1 - coverage },
});
const steps = Array.from({ length: 40 }, (_, step) => step / 40);
const questions = [
  ...steps.map((step) => judged('answerable', 0.5 + step / 4, 0.5 + step / 2, false)),
  ...steps.map((step) => judged('near-domain', 0.4 + step / 4, step / 2, step > 0.5)),
  ...steps.map((step) => judged('off-domain', step / 4, step / 8, step > 0.5)),
];

describe('the fit of relevance', () => {
  it('counts what speaks for an answer for it, and what speaks against it against it', () => {
    const { weights } = fitRelevance(questions, 0.05);
    expect(weights.cosine).toBe(1);
    expect(weights.coverage).toBeGreaterThan(0);
    expect(weights.missesName).toBeLessThan(0);
    expect(weights.missingShare).toBeLessThanOrEqual(0);
  });

  it('never lets a feature count the wrong way', () => {
    const turned = questions.map((question) => ({
      ...question,
      features: { ...question.features, missesName: question.kind === 'answerable' },
    }));
    expect(fitRelevance(turned, 0.05).weights.missesName).toBeGreaterThanOrEqual(-0);
  });

  it('sets the floor where no more of the answerable ones are refused than may be', () => {
    const { floor, weights } = fitRelevance(questions, 0.1);
    const refused = questions.filter(
      ({ kind, features }) => kind === 'answerable' && (relevanceOf(features, weights) ?? 0) < floor,
    );
    expect(refused.length).toBeLessThanOrEqual(4);
  });

  it('is tried on questions that it has not seen', () => {
    const refused = crossValidate(questions, 0.05);
    expect(refused.answerable).toBeLessThanOrEqual(4);
    expect(refused['off-domain']).toBeGreaterThanOrEqual(36);
  });
});
