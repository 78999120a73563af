import { type LoadClock, runOpenLoop } from '../load/open-loop.ts';
import type { Reply } from '../load/timed-answer.ts';
import type { Asker } from './world.ts';

const CLEAN_IN_A_ROW = 10;
const LONGEST_WAIT_MS = 15_000;

interface Recovery {
  ask: Asker;
  ratePerSecond: number;
  isRecovered(reply: Reply): boolean;
  clock?: LoadClock;
}

/** How long it takes from now until so many answers in a row are as they should be; `null` when that does not come. */
export async function measureRecovery({ ask, ratePerSecond, isRecovered, clock }: Recovery): Promise<number | null> {
  const nowMs = clock?.nowMs ?? (() => performance.now());
  const beganMs = nowMs();
  const stop = new AbortController();
  let inARow = 0;
  let recoveryMs: number | null = null;
  await runOpenLoop({
    ratePerSecond,
    durationMs: LONGEST_WAIT_MS,
    signal: stop.signal,
    ...(clock && { clock }),
    send: async (index) => {
      const { reply } = await ask(index);
      inARow = isRecovered(reply) ? inARow + 1 : 0;
      if (inARow < CLEAN_IN_A_ROW || recoveryMs !== null) return;
      recoveryMs = nowMs() - beganMs;
      stop.abort();
    },
  });
  return recoveryMs;
}
