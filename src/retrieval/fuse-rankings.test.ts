import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuseRankings } from './fuse-rankings.ts';

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 20 });

describe('fusing two rankings', () => {
  it('gives each rank its reciprocal and adds them up', () => {
    const fused = fuseRankings({ vector: ['a', 'b'], lexical: ['b'] });
    expect(fused).toEqual([
      { id: 'b', score: 1 / 62 + 1 / 61, ranks: { vector: 2, lexical: 1 } },
      { id: 'a', score: 1 / 61, ranks: { vector: 1, lexical: null } },
    ]);
  });

  it('keeps the order of one ranking when the other is empty', () => {
    fc.assert(
      fc.property(ids, (vector) => {
        expect(fuseRankings({ vector, lexical: [] }).map(({ id }) => id)).toEqual(vector);
      }),
    );
  });

  it('returns every id once, best score first', () => {
    fc.assert(
      fc.property(ids, ids, (vector, lexical) => {
        const fused = fuseRankings({ vector, lexical });
        expect(new Set(fused.map(({ id }) => id))).toEqual(new Set([...vector, ...lexical]));
        expect(fused).toHaveLength(new Set([...vector, ...lexical]).size);
        expect(fused.map(({ score }) => score)).toEqual(fused.map(({ score }) => score).sort((a, b) => b - a));
      }),
    );
  });

  it('never puts an id below one that both rankings put after it', () => {
    fc.assert(
      fc.property(ids, ids, (vector, lexical) => {
        const order = fuseRankings({ vector, lexical }).map(({ id }) => id);
        for (const [at, id] of vector.entries()) {
          for (const later of vector.slice(at + 1)) {
            const isAfter = lexical.includes(id) && lexical.indexOf(later) > lexical.indexOf(id);
            if (isAfter) expect(order.indexOf(id)).toBeLessThan(order.indexOf(later));
          }
        }
      }),
    );
  });

  it('treats both rankings alike', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const order = (vector: string[], lexical: string[]) => fuseRankings({ vector, lexical }).map(({ id }) => id);
        expect(order(a, b)).toEqual(order(b, a));
      }),
    );
  });
});
