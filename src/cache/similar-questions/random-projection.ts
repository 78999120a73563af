/** Independent, equally distributed views of a vector, one number each. */
export interface RandomProjection {
  /** How many numbers a vector comes to. */
  size: number;
  project(vector: Float32Array): Float32Array;
}

const ROUNDS = 3;
/** So that there are enough for the bands and the sketch, whatever the model. */
const MIN_SIZE = 512;
const SEED = 0x5eed_cafe;

/**
 * Random hyperplanes without storing them: signs flipped at random, then a Hadamard transform, three times over, behaves
 * like a random rotation and costs n·log n (Andoni et al., https://arxiv.org/abs/1509.02897, section 6). The same in every
 * isolate; to be made once for a number of dimensions and kept.
 */
export function createRandomProjection(dimensions: number): RandomProjection {
  const size = Math.max(MIN_SIZE, 2 ** Math.ceil(Math.log2(dimensions)));
  const signs = randomSigns(size * ROUNDS, SEED ^ dimensions);
  return {
    size,
    project(vector) {
      if (vector.length !== dimensions) throw new Error(`${vector.length} dimensions instead of ${dimensions}`);
      const values = new Float32Array(size);
      values.set(vector);
      for (let round = 0; round < ROUNDS; round++) {
        for (let at = 0; at < size; at++) values[at] = (values[at] ?? 0) * (signs[round * size + at] ?? 0);
        transform(values);
      }
      return values;
    },
  };
}

/** The Walsh-Hadamard transform in place, without its scale: only signs and proportions are used. */
function transform(values: Float32Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let from = 0; from < values.length; from += 2 * half) {
      for (let at = from; at < from + half; at++) {
        const first = values[at] ?? 0;
        const second = values[at + half] ?? 0;
        values[at] = first + second;
        values[at + half] = first - second;
      }
    }
  }
}

/** Mulberry32: the same signs for the same seed, on every machine. */
function randomSigns(count: number, seed: number): Int8Array {
  let state = seed >>> 0;
  return Int8Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 1 ? 1 : -1;
  });
}
