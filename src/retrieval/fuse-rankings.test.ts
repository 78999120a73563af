import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuseRankings, type ScoredId, standardScores } from './fuse-rankings.ts';

const ranking = fc
  .uniqueArray(fc.record({ id: fc.string({ minLength: 1, maxLength: 3 }), score: fc.integer({ min: -99, max: 99 }) }), {
    selector: ({ id }) => id,
    maxLength: 20,
  })
  .map((ranked) => ranked.sort((a, b) => b.score - a.score));
const idsOf = (ranked: ScoredId[]) => ranked.map(({ id }) => id);

describe('fusing two rankings', () => {
  it('gives each id the mean of its standard scores, nothing where a leg has it not', () => {
    const fused = fuseRankings({
      vector: [
        { id: 'a', score: 0.9 },
        { id: 'b', score: 0.5 },
      ],
      lexical: [{ id: 'b', score: 12 }],
    });
    expect(fused).toEqual([
      { id: 'b', score: expect.closeTo((1 / 3 + 1 / 2) / 2), ranks: { vector: 2, lexical: 1 } },
      { id: 'a', score: expect.closeTo(2 / 3 / 2), ranks: { vector: 1, lexical: null } },
    ]);
  });

  it('keeps the order of one ranking when the other is empty, ties included', () => {
    fc.assert(
      fc.property(ranking, (ranked) => {
        expect(idsOf(fuseRankings({ vector: ranked, lexical: [] }))).toEqual(idsOf(ranked));
        expect(idsOf(fuseRankings({ vector: [], lexical: ranked }))).toEqual(idsOf(ranked));
      }),
    );
  });

  it('returns every id once, best score first, with the ranks it had', () => {
    fc.assert(
      fc.property(ranking, ranking, (vector, lexical) => {
        const fused = fuseRankings({ vector, lexical });
        expect(idsOf(fused).sort()).toEqual([...new Set([...idsOf(vector), ...idsOf(lexical)])].sort());
        expect(fused.map(({ score }) => score)).toEqual(fused.map(({ score }) => score).sort((a, b) => b - a));
        for (const { id, ranks } of fused) {
          expect(ranks.vector ?? 0).toBe(idsOf(vector).indexOf(id) + 1);
          expect(ranks.lexical ?? 0).toBe(idsOf(lexical).indexOf(id) + 1);
        }
      }),
    );
  });

  it('does not mind the scale or the zero of a leg’s scores', () => {
    fc.assert(
      fc.property(
        ranking,
        ranking,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: -9, max: 9 }),
        (a, b, by, plus) => {
          const moved = b.map(({ id, score }) => ({ id, score: score * by + plus }));
          const scores = (lexical: ScoredId[]) =>
            new Map(fuseRankings({ vector: a, lexical }).map(({ id, score }) => [id, score]));
          const before = scores(b);
          for (const [id, score] of scores(moved)) expect(score).toBeCloseTo(before.get(id) ?? Number.NaN, 3);
        },
      ),
    );
  });

  it('treats both rankings alike', () => {
    fc.assert(
      fc.property(ranking, ranking, (a, b) => {
        expect(idsOf(fuseRankings({ vector: a, lexical: b }))).toEqual(idsOf(fuseRankings({ vector: b, lexical: a })));
      }),
    );
  });
});

describe('standard scores', () => {
  it('are a half at the mean, and for scores that do not differ', () => {
    expect(standardScores([0.1, 0.1, 0.1])).toEqual([0.5, 0.5, 0.5]);
    expect(standardScores([1, 2, 3])[1]).toBe(0.5);
    expect(standardScores([])).toEqual([]);
  });
});
