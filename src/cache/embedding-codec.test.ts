import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEmbedding, encodeEmbedding } from './embedding-codec.ts';

const vectors = fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 64 });

describe('a cached embedding', () => {
  it('comes back to the last bit, as ASCII', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const value = encodeEmbedding(vector);
        expect(value).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeEmbedding(value, vector.length)).toEqual(vector);
      }),
    );
  });

  it('of a window on a larger buffer is the window', () => {
    const window = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    expect(decodeEmbedding(encodeEmbedding(window), 2)).toEqual(new Float32Array([2, 3]));
  });

  it.each([
    ['empty', ''],
    ['not base64', 'f32:***'],
    ['of another version', encodeEmbedding(new Float32Array(2)).replace('f32:', 'f64:')],
    ['of other dimensions', encodeEmbedding(new Float32Array(3))],
    ['not finite', encodeEmbedding(new Float32Array([1, Number.NaN]))],
  ])('is a miss when the value is %s', (_what, value) => {
    expect(decodeEmbedding(value, 2)).toBeNull();
  });
});
