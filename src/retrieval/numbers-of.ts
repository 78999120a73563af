/**
 * A vector as JSON can tell it. Not `Array.from`, as Vectorize's binding would do with a typed array: that asks an
 * iterator for each number and leaves an object for each behind, of 100 vectors megabytes.
 */
export function numbersOf(vector: Float32Array): number[] {
  const numbers = new Array<number>(vector.length);
  for (let at = 0; at < vector.length; at += 1) numbers[at] = vector[at] ?? 0;
  return numbers;
}
