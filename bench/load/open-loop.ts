import { setTimeout as waitOnTimer } from 'node:timers/promises';

export interface LoadClock {
  nowMs(): number;
  /** Resolves after the time, or as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface OpenLoop<T> {
  ratePerSecond: number;
  durationMs: number;
  /** One request, by its number from 0. It has to end by itself: what it rejects with ends the load. */
  send(index: number): Promise<T>;
  /** For arrivals at random moments, as of people who do not know of each other; without it they come evenly. */
  random?: () => number;
  /** No more arrivals once it aborts; those under way are waited for. */
  signal?: AbortSignal;
  clock?: LoadClock;
}

export interface LoadRecord<T> {
  index: number;
  /** Since the load began. */
  scheduledMs: number;
  /** From the scheduled moment: whoever comes then waits, whatever keeps the request from being sent. */
  latencyMs: number;
  result: T;
}

const systemLoadClock: LoadClock = {
  nowMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await waitOnTimer(ms, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  },
};

/**
 * Arrivals on a schedule, whether or not those before them have been answered: a service that stalls meets the requests
 * that people would have made meanwhile. Returns one record for each arrival, in their order, when the last has ended.
 */
export async function runOpenLoop<T>(load: OpenLoop<T>): Promise<LoadRecord<T>[]> {
  const { send, signal, clock = systemLoadClock } = load;
  const beganMs = clock.nowMs();
  const records: LoadRecord<T>[] = [];
  const underWay: Promise<void>[] = [];
  let failure: { error: unknown } | null = null;

  async function arrive(index: number, scheduledMs: number): Promise<void> {
    try {
      const result = await send(index);
      records.push({ index, scheduledMs, latencyMs: clock.nowMs() - beganMs - scheduledMs, result });
    } catch (error) {
      failure ??= { error };
    }
  }

  for (const [index, scheduledMs] of schedule(load).entries()) {
    const aheadMs = beganMs + scheduledMs - clock.nowMs();
    if (aheadMs > 0) await clock.sleep(aheadMs, signal);
    if (signal?.aborted || failure !== null) break;
    underWay.push(arrive(index, scheduledMs));
  }
  await Promise.all(underWay);
  rethrow(failure);
  return records.sort((a, b) => a.index - b.index);
}

/** When each arrives. */
function schedule<T>({ ratePerSecond, durationMs, random }: OpenLoop<T>): number[] {
  const arrivals = Math.floor((ratePerSecond * durationMs) / 1_000);
  if (random === undefined) return Array.from({ length: arrivals }, (_, n) => (n * 1_000) / ratePerSecond);
  // As many independent moments as a Poisson process has on average.
  return Array.from({ length: arrivals }, () => random() * durationMs).sort((a, b) => a - b);
}

function rethrow(failure: { error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
