import type { Clock } from '../../src/clock.ts';

const SHORTEST_MS = 500;
const LONGEST_MS = 3_000;

/** Fails first, then alternates at random moments known from the seed. */
export interface Flapper {
  isFailing(): boolean;
}

export function createFlapper(clock: Clock, random: () => number): Flapper {
  let isFailing = true;
  let endsAtMs = clock.nowMs() + intervalMs();

  function intervalMs(): number {
    return SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS);
  }

  return {
    isFailing() {
      while (clock.nowMs() >= endsAtMs) {
        endsAtMs += intervalMs();
        isFailing = !isFailing;
      }
      return isFailing;
    },
  };
}
