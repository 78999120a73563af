/** Draws ranks from 0 on: the first is asked most, the n-th 1 / n^s times as often. */
export function createZipf(ranks: number, exponent: number, random: () => number): () => number {
  const cumulative = new Float64Array(ranks);
  let total = 0;
  for (let rank = 0; rank < ranks; rank++) {
    total += 1 / (rank + 1) ** exponent;
    cumulative[rank] = total;
  }
  return () => {
    const drawn = random() * total;
    let [low, high] = [0, ranks - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
