export type SimilarityFunction = 'COSINE' | 'EUCLIDEAN' | 'DOT_PRODUCT';

/** A vector with its length, so that a search computes only inner products. */
export interface MeasuredVector {
  values: Float32Array;
  norm: number;
}

export function measureVector(values: Float32Array): MeasuredVector {
  return { values, norm: Math.sqrt(innerProduct(values, values)) };
}

/**
 * The similarity scaled as https://upstash.com/docs/vector/features/similarityfunctions documents, before the
 * rounding to float32. What a cosine with a zero vector gives is documented nowhere; here it counts as orthogonal.
 */
export function scoreOf(similarity: SimilarityFunction, a: MeasuredVector, b: MeasuredVector): number {
  switch (similarity) {
    case 'COSINE': {
      const norms = a.norm * b.norm;
      return norms === 0 ? 0.5 : (1 + innerProduct(a.values, b.values) / norms) / 2;
    }
    case 'EUCLIDEAN':
      return 1 / (1 + squaredDistance(a.values, b.values));
    case 'DOT_PRODUCT':
      return (1 + innerProduct(a.values, b.values)) / 2;
  }
}

/** Four sums at a time: one would make every addition wait for the one before. */
function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = 0;
  // `?? 0` satisfies the compiler: both arrays have the dimension of the index.
  for (; i + 3 < a.length; i += 4) {
    sum0 += (a[i] ?? 0) * (b[i] ?? 0);
    sum1 += (a[i + 1] ?? 0) * (b[i + 1] ?? 0);
    sum2 += (a[i + 2] ?? 0) * (b[i + 2] ?? 0);
    sum3 += (a[i + 3] ?? 0) * (b[i + 3] ?? 0);
  }
  for (; i < a.length; i++) sum0 += (a[i] ?? 0) * (b[i] ?? 0);
  return sum0 + sum1 + sum2 + sum3;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    sum += difference * difference;
  }
  return sum;
}
