import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomProjection } from './random-projection.ts';
import { estimateCosine, signVector } from './similarity-bands.ts';

const DIMENSIONS = 384;
const projection = createRandomProjection(DIMENSIONS);

const unitVectors = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS, size: 'max' })
  .map((values) => unit(Float32Array.from(values)))
  .filter((vector) => Number.isFinite(vector[0]));

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

/** The unit vector with that cosine to the first, towards the second. */
function turned(from: Float32Array, towards: Float32Array, wanted: number): Float32Array {
  const shared = cosine(from, towards);
  const across = unit(towards.map((value, at) => value - shared * (from[at] ?? 0)));
  return unit(from.map((value, at) => wanted * value + Math.sqrt(1 - wanted ** 2) * (across[at] ?? 0)));
}

describe('a similarity signature', () => {
  it('is the same for the same vector, in every isolate', () => {
    const vector = unit(Float32Array.from({ length: DIMENSIONS }, (_, at) => Math.sin(at * at)));
    expect(signVector(createRandomProjection(DIMENSIONS), vector)).toEqual(signVector(projection, vector));
    expect(signVector(projection, vector).bands.slice(0, 3)).toEqual(['0:3x2z', '1:8jcj', '2:an7c']);
  });

  it('reads each band where the vector itself was put, and nothing twice', () => {
    void fc.assert(
      fc.property(unitVectors, (vector) => {
        const { bands, probes } = signVector(projection, vector);
        expect(new Set(probes).size).toBe(probes.length);
        expect(bands.filter((band) => !probes.includes(band))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('finds nearly every vector with a cosine of 0.85, and hardly any stranger', () => {
    const outcomes = fc
      .sample(fc.tuple(unitVectors, unitVectors), { numRuns: 200, seed: 1 })
      .filter(([a, b]) => Math.abs(cosine(a, b)) < 0.5)
      .map(([asked, other]) => {
        const probes = new Set(signVector(projection, asked).probes);
        const finds = (vector: Float32Array) => signVector(projection, vector).bands.some((band) => probes.has(band));
        return { close: finds(turned(asked, other, 0.85)), stranger: finds(other) };
      });
    expect(outcomes.length).toBeGreaterThan(100);
    expect(outcomes.filter(({ close }) => close).length / outcomes.length).toBeGreaterThan(0.97);
    expect(outcomes.filter(({ stranger }) => stranger).length / outcomes.length).toBeLessThan(0.05);
  });

  it.each([384, 768, 1024])('has as many bands of %i dimensions', (dimensions) => {
    const vector = unit(Float32Array.from({ length: dimensions }, (_, at) => Math.cos(at)));
    const { bands, probes, sketch } = signVector(createRandomProjection(dimensions), vector);
    expect([bands.length, probes.length, sketch.length]).toEqual([26, 520, 88]);
  });

  it('is refused for a vector of another model', () => {
    expect(() => signVector(projection, new Float32Array(3))).toThrow('3 dimensions instead of 384');
  });
});

describe('a sketch', () => {
  it('estimates the cosine', () => {
    void fc.assert(
      fc.property(unitVectors, unitVectors, fc.double({ min: 0, max: 0.99, noNaN: true }), (a, other, wanted) => {
        fc.pre(Math.abs(cosine(a, other)) < 0.9);
        const b = turned(a, other, wanted);
        const estimate = estimateCosine(signVector(projection, a).sketch, signVector(projection, b).sketch);
        expect(Math.abs((estimate ?? Number.NaN) - wanted)).toBeLessThan(0.25);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('says nothing when it is damaged', () => {
    const { sketch } = signVector(projection, unit(new Float32Array(DIMENSIONS).fill(1)));
    expect(estimateCosine(sketch, sketch)).toBe(1);
    for (const damaged of ['', 'AAAA', 'not base64!', `${sketch}AAAA`])
      expect(estimateCosine(sketch, damaged)).toBeNull();
  });
});
