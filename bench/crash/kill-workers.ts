import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import type { BenchStack } from '../stack/bench-stack.ts';

export interface Killing {
  stack: Pick<BenchStack, 'workers'>;
  seed: number;
  /** Between one start of the Workers and their next death: drawn evenly. */
  livesMs: { shortest: number; longest: number };
  /** At least so many deaths, also when the owners are done sooner. */
  minKills: number;
  /** Resolves when the next request is sent. */
  nextRequest(): Promise<void>;
  ownersDone: AbortSignal;
  signal: AbortSignal;
}

const WAITS_FOR_REQUEST_MS = 1_000;
/** What a request takes, about: some die before it was accepted, some after. */
const LONGEST_AFTER_REQUEST_MS = 40;

/**
 * Kills the Workers and starts them again until the owners are done. Every second time at a moment like any other, which is
 * mostly in the midst of ingestion, and in between when a request has just come.
 */
export async function killAgainAndAgain(killing: Killing): Promise<number> {
  const { stack, seed, livesMs, minKills, ownersDone, signal } = killing;
  const random = createSeededRandom(seed, 'kills');
  let kills = 0;
  while (!ownersDone.aborted || kills < minKills) {
    await sleep(livesMs.shortest + random() * (livesMs.longest - livesMs.shortest), undefined, { signal });
    if (ownersDone.aborted && kills >= minKills) break;
    if (kills % 2 === 0) {
      await Promise.race([killing.nextRequest(), sleep(WAITS_FOR_REQUEST_MS, undefined, { signal })]);
      await sleep(random() * LONGEST_AFTER_REQUEST_MS, undefined, { signal });
    }
    await stack.workers.kill();
    kills += 1;
    await stack.workers.start();
  }
  return kills;
}
