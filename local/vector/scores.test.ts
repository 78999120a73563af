import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortestFloat32 } from './float32.ts';
import { measureVector, type SimilarityFunction, scoreOf } from './similarity.ts';
import { TopScores } from './top-scores.ts';
import { startTestServer } from './vector-test-server.ts';

const SEED = 20_250_102;

describe('scores', () => {
  const golden: [SimilarityFunction, number[], number[], number][] = [
    ['COSINE', [1, 0], [0.8, 0.6], 0.9],
    ['COSINE', [1, 0], [0, 3], 0.5],
    ['COSINE', [2, 0], [-1, 0], 0],
    ['COSINE', [0.1, 0.2], [0.2, 0.3], 0.99613893],
    ['COSINE', [1, 0], [0, 0], 0.5],
    ['EUCLIDEAN', [1, 2], [1, 2], 1],
    ['EUCLIDEAN', [0, 0], [3, 4], 0.03846154],
    ['EUCLIDEAN', [0, 0], [1, 0], 0.5],
    ['DOT_PRODUCT', [1, 0], [1, 0], 1],
    ['DOT_PRODUCT', [0.6, 0.8], [0.8, 0.6], 0.98],
    ['DOT_PRODUCT', [1, 0], [-1, 0], 0],
  ];

  it.each(golden)('%s of %j and %j is %d', async (similarity, asked, stored, score) => {
    const { index } = await startTestServer({ similarity });
    await index.upsert({ id: 'a', vector: stored });
    expect(await index.query({ vector: asked, topK: 1 })).toEqual([{ id: 'a', score }]);
  });

  it('a vector against itself is exactly 1', () => {
    const component = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e6), max: Math.fround(1e6) });
    const anyVector = fc.array(component, { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(anyVector, fc.constantFrom<SimilarityFunction>('COSINE', 'EUCLIDEAN'), (components, similarity) => {
        const vector = measureVector(Float32Array.from(components));
        fc.pre(vector.norm > 0);
        expect(shortestFloat32(scoreOf(similarity, vector, vector))).toBe(1);
      }),
      { seed: SEED },
    );
  });

  it('a printed float is the shortest that still means the same float32', () => {
    expect([0.1, 0.99996454, 1 / 3, 1, -2.5].map(shortestFloat32)).toEqual([0.1, 0.99996454, 0.33333334, 1, -2.5]);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestFloat32(value))).toBe(value);
      }),
      { seed: SEED },
    );
  });

  it('the best k are those of a whole sort, the first offered in front among equals', () => {
    const anyScores = fc.array(fc.integer({ min: 0, max: 20 }));
    fc.assert(
      fc.property(anyScores, fc.integer({ min: 1, max: 10 }), (scores, limit) => {
        const best = new TopScores<number>(limit);
        for (const [item, score] of scores.entries()) best.offer(item, score);
        const sorted = scores.map((score, item) => ({ item, score })).sort((a, b) => b.score - a.score);
        expect(best.toArray()).toEqual(sorted.slice(0, limit));
      }),
      { seed: SEED },
    );
  });
});
