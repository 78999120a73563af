import { expect, test } from 'vitest';
import { makePlans } from './plan.ts';

const NAMESPACES = ['north', 'south'];
const PLANS = makePlans(1, 500, NAMESPACES);

test('plans are the same for the same seed, and have each document once', () => {
  expect(makePlans(1, 500, NAMESPACES)).toEqual(PLANS);
  expect(makePlans(2, 500, NAMESPACES)).not.toEqual(PLANS);
  const documents = PLANS.flatMap(({ namespace, ids }) => ids.map((id) => `${namespace}/${id}`));
  expect(new Set(documents).size).toBe(500);
});

test('a round has every kind of request in it, and updates that leave most of a text as it was', () => {
  const sets = PLANS.filter(({ ids }) => ids.length > 1);
  for (const some of [sets, PLANS.filter(({ ids }) => ids.length === 1)]) {
    const kinds = some.flatMap(({ steps }) => steps.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(['put', 'patch', 'delete']));
  }
  const partial = PLANS.filter(({ steps }) => {
    const texts = steps.flatMap((step) => (step.kind === 'put' ? [step.given[0]?.sentences ?? []] : []));
    return texts.some((text, at) => at > 0 && text.some((sentence) => texts[at - 1]?.includes(sentence)));
  });
  expect(partial.length).toBeGreaterThan(PLANS.length / 20);
});

test('a set that is deleted together is marked as no other document is', () => {
  for (const { set, steps } of PLANS) {
    const marks = steps.flatMap((step) => (step.kind === 'put' ? step.given.map(({ metadata }) => metadata.set) : []));
    expect(new Set(marks)).toEqual(new Set([set]));
  }
  expect(new Set(PLANS.map(({ set }) => set)).size).toBe(PLANS.length);
});
