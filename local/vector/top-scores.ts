export interface Scored<T> {
  item: T;
  score: number;
}

/** Keeps the best `limit` items, best first; of equal scores the first one offered stays in front. */
export class TopScores<T> {
  readonly #limit: number;
  readonly #best: Scored<T>[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  offer(item: T, score: number): void {
    const worst = this.#best.at(-1);
    const isFull = this.#best.length === this.#limit;
    if (isFull && worst !== undefined && score <= worst.score) return;
    if (isFull) this.#best.pop();
    this.#best.splice(this.#positionOf(score), 0, { item, score });
  }

  toArray(): Scored<T>[] {
    return this.#best;
  }

  #positionOf(score: number): number {
    let low = 0;
    let high = this.#best.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#best[middle]?.score ?? 0) >= score) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
