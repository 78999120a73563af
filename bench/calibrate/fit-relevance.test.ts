import { describe, expect, it } from 'vitest';
import type { Kind } from '../answers/labelled-questions.ts';
import { fitRelevance, isRefused, type JudgedQuestion, refusedUnseen } from './fit-relevance.ts';

const judged = (kind: Kind, cosine: number, missingWords: number, missesName: boolean, set = ''): JudgedQuestion => ({
  ...{ id: `${set}-${kind}-${cosine}-${missingWords}`, kind, set },
  features: { cosine, missingWords, missingNames: Number(missesName) },
});
const steps = Array.from({ length: 40 }, (_, step) => step / 40);
const questions = [
  ...steps.map((step) => judged('answerable', 0.5 + step / 4, (1 - step) / 8, false)),
  ...steps.map((step) => judged('near-domain', 0.4 + step / 4, (1 - step) / 2, step > 0.5)),
  ...steps.map((step) => judged('off-domain', step / 4, (1 - step) / 2, step > 0.5)),
];
const count = (all: JudgedQuestion[], kind: Kind) => all.filter((question) => question.kind === kind).length;

describe('the fit of relevance', () => {
  it('counts what speaks for an answer for it, and what speaks against it against it', () => {
    const { weights } = fitRelevance(questions, 0.05);
    expect(weights.cosine).toBe(1);
    expect(weights.lowCosine).toBeGreaterThanOrEqual(0);
    expect(weights.missingWords).toBeLessThan(0);
    expect(weights.missingNames).toBeLessThan(0);
  });

  it('never lets a term count the wrong way', () => {
    const turned = questions.map((question) => ({
      ...question,
      features: { ...question.features, missingNames: Number(question.kind === 'answerable') },
    }));
    expect(fitRelevance(turned, 0.05).weights.missingNames).toBeGreaterThanOrEqual(-0);
  });

  it('sets the floor where no more of the answerable ones are refused than may be', () => {
    const fitted = fitRelevance(questions, 0.1);
    const refused = questions.filter((question) => isRefused(question, fitted));
    expect(count(refused, 'answerable')).toBeLessThanOrEqual(4);
    expect(fitRelevance(questions, 0.2).floor).toBeGreaterThan(fitted.floor);
  });

  it('calls a cosine low that few of the answerable ones are below', () => {
    expect(fitRelevance(questions, 0.1).lowCosine).toBeCloseTo(0.51, 2);
  });

  it('lets a set count as much as another, however many questions it has', () => {
    const many = questions.map((question) => ({ ...question, set: 'many' }));
    const few = [0.42, 0.44, 0.46].map((cosine) => judged('answerable', cosine, 0.2, false, 'few'));
    // Three of 43: fewer than may be refused, unless they are half of what counts.
    const asOne = [...many, ...few].map((question) => ({ ...question, set: '' }));
    const refused = (all: JudgedQuestion[]) => few.filter((question) => isRefused(question, fitRelevance(all, 0.1)));
    expect(refused(asOne)).toHaveLength(3);
    expect(refused([...many, ...few])).toHaveLength(0);
  });

  it('is tried on questions that it has not seen', () => {
    const refused = refusedUnseen(questions, 0.05);
    expect(count(refused, 'answerable')).toBeLessThanOrEqual(4);
    expect(count(refused, 'off-domain')).toBeGreaterThanOrEqual(36);
  });

  it('is tried on each set by a fit of the others, where there are several', () => {
    const inSets = questions.map((question) => ({ ...question, set: 'a' }));
    // The hardest of all, which none of the others is like.
    const hard = [0.1, 0.2, 0.3].map((cosine) => judged('answerable', cosine, 0.4, true, 'b'));
    const refused = refusedUnseen([...inSets, ...hard], 0.05);
    expect(refused.filter(({ set }) => set === 'b')).toEqual(hard);
  });
});
