import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FusedRank } from './fuse-rankings.ts';
import { liftByResemblance } from './resemblance.ts';

const ranked = (scores: Record<string, number>): FusedRank[] => Object.entries(scores).map(rankedAt);
const rankedAt = ([id, score]: [string, number]): FusedRank => ({ id, score, ranks: { vector: 1, lexical: null } });
const textsOf = (texts: Record<string, string>) => (id: string) => texts[id] ?? '';

describe('lifting by resemblance', () => {
  it('puts what shares the vocabulary of the first above an equal that does not', () => {
    const texts = {
      a: 'The wing of the aircraft stalls at a large angle of attack.',
      b: 'Lift of an aircraft wing against the angle of attack.',
      c: 'A stall of the wing, measured on aircraft models.',
      stranger: 'Bread is baked from flour, water and yeast.',
      kin: 'How an aircraft recovers when its wing stalls.',
    };
    const order = liftByResemblance(ranked({ a: 0.8, b: 0.7, c: 0.6, stranger: 0.4, kin: 0.4 }), textsOf(texts));
    expect(order.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'kin', 'stranger']);
  });

  it('reads scripts without spaces too', () => {
    const texts = {
      a: '東京の天気',
      b: '東京は晴れ',
      c: '大阪の天気',
      far: '料理の本',
      near: '明日の東京の天気は晴れ',
    };
    const order = liftByResemblance(ranked({ a: 0.8, b: 0.7, c: 0.6, far: 0.4, near: 0.4 }), textsOf(texts));
    expect(order.map(({ id }) => id).slice(-2)).toEqual(['near', 'far']);
  });

  it('keeps every id once, in the order of its scores, whatever the texts', () => {
    const candidates = fc.uniqueArray(
      fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), fc.string({ maxLength: 80 })),
      {
        selector: ([id]) => id,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(candidates, (pairs) => {
        const before = pairs.map(([id], index) => rankedAt([id, 1 - index / 12]));
        const texts = new Map(pairs);
        const after = liftByResemblance(before, (id) => texts.get(id) ?? '');
        expect(after.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
        for (const [index, { score }] of after.entries()) {
          expect(Number.isFinite(score)).toBe(true);
          expect(score).toBeLessThanOrEqual(after[index - 1]?.score ?? Number.POSITIVE_INFINITY);
        }
      }),
    );
  });

  it('leaves alone what it would compare with itself only', () => {
    const few = ranked({ a: 0.8, b: 0.7, c: 0.6 });
    expect(liftByResemblance(few, () => 'the same')).toEqual(few);
  });
});
