import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collapseToDocuments, ndcg, recall } from './metrics.ts';

const grades = new Map([
  ['a', 3],
  ['b', 2],
  ['c', 1],
]);

describe('nDCG', () => {
  it('is what the formula gives by hand', () => {
    // Gains 2^g − 1: a 7, b 3, c 1. Found: b first, nothing second, a third.
    // DCG  = 3/log2(2) + 0 + 7/log2(4)            = 3 + 3.5                  = 6.5
    // IDCG = 7/log2(2) + 3/log2(3) + 1/log2(4)    = 7 + 1.8927892607 + 0.5   = 9.3927892607
    expect(ndcg(['b', 'x', 'a'], grades, 10)).toBeCloseTo(6.5 / 9.3927892607, 9);
  });

  it('looks no deeper than k, in the ideal ranking too', () => {
    // DCG@1 = 3; IDCG@1 = 7.
    expect(ndcg(['b', 'a', 'c'], grades, 1)).toBeCloseTo(3 / 7, 12);
  });

  it('is 0 when nothing relevant exists', () => {
    expect(ndcg(['a'], new Map(), 10)).toBe(0);
  });

  it('is 1 for the ideal ranking and lies between 0 and 1 for every other', () => {
    const judged = fc.uniqueArray(fc.tuple(fc.string(), fc.integer({ min: 1, max: 4 })), {
      selector: ([id]) => id,
      minLength: 1,
    });
    fc.assert(
      fc.property(judged, fc.integer({ min: 1, max: 20 }), fc.infiniteStream(fc.nat()), (pairs, k, noise) => {
        const ideal = pairs.toSorted((x, y) => y[1] - x[1]).map(([id]) => id);
        const shuffled = ideal
          .map((id) => ({ id, key: noise.next().value }))
          .toSorted((x, y) => x.key - y.key)
          .map(({ id }) => id);
        expect(ndcg(ideal, new Map(pairs), k)).toBeCloseTo(1, 12);
        const value = ndcg(shuffled, new Map(pairs), k);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe('recall', () => {
  it('is the found part of the relevant documents', () => {
    expect(recall(['x', 'b', 'c', 'a'], grades, 3)).toBeCloseTo(2 / 3, 12);
    expect(recall(['a'], new Map([['a', 0]]), 3)).toBe(0);
  });
});

describe('collapsing passages', () => {
  it('keeps each document at its best passage', () => {
    const passages = ['b', 'a', 'b', 'c', 'a'].map((documentId) => ({ documentId }));
    expect(collapseToDocuments(passages)).toEqual(['b', 'a', 'c']);
  });
});
