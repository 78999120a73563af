import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import type { BenchStack } from '../stack/bench-stack.ts';

export interface Deaths {
  count: number;
  /** From the moment they are killed until they answer again. */
  areDown: boolean;
}

export interface Killing {
  stack: Pick<BenchStack, 'workers'>;
  seed: number;
  /** Between one start of the Workers and their next death: drawn evenly. */
  livesMs: { shortest: number; longest: number };
  /** At least so many deaths, also when the owners are done sooner. */
  minKills: number;
  /** Kept up to date. */
  deaths: Deaths;
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
export async function killAgainAndAgain(killing: Killing): Promise<void> {
  const { stack, seed, livesMs, minKills, deaths, ownersDone, signal } = killing;
  const random = createSeededRandom(seed, 'kills');
  while (!ownersDone.aborted || deaths.count < minKills) {
    await sleep(livesMs.shortest + random() * (livesMs.longest - livesMs.shortest), undefined, { signal });
    if (ownersDone.aborted && deaths.count >= minKills) break;
    if (deaths.count % 2 === 0) {
      await Promise.race([killing.nextRequest(), sleep(WAITS_FOR_REQUEST_MS, undefined, { signal })]);
      await sleep(random() * LONGEST_AFTER_REQUEST_MS, undefined, { signal });
    }
    deaths.count += 1;
    deaths.areDown = true;
    await stack.workers.kill();
    await stack.workers.start();
    deaths.areDown = false;
  }
}
