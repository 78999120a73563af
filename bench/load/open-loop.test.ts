import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type LoadClock, runOpenLoop } from './open-loop.ts';

/** Time passes only while the load sleeps, or when it is made to. */
function createFakeClock() {
  let nowMs = 1_000;
  const clock: LoadClock = {
    nowMs: () => nowMs,
    sleep: async (ms) => {
      // What has been answered by now is recorded now.
      await new Promise((resolve) => setImmediate(resolve));
      nowMs += ms;
    },
  };
  return {
    clock,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('an open loop', () => {
  it('lets as many arrive at random moments, in order and within the time', async () => {
    const { clock } = createFakeClock();
    const beganMs = clock.nowMs();
    const random = createSeededRandom(1, 'arrivals');
    const records = await runOpenLoop({
      ratePerSecond: 20,
      durationMs: 5_000,
      clock,
      random,
      send: async () => clock.nowMs() - beganMs,
    });
    const scheduledMs = records.map((record) => record.scheduledMs);
    expect(scheduledMs).toHaveLength(100);
    expect(scheduledMs).toEqual(scheduledMs.toSorted((a, b) => a - b));
    expect(records.map(({ result }) => result)).toEqual(scheduledMs.map((ms) => expect.closeTo(ms, 6)));
    const gaps = scheduledMs.slice(1).map((ms, n) => ms - (scheduledMs[n] ?? 0));
    expect(Math.max(...gaps)).toBeGreaterThan(100);
    expect(Math.min(...gaps)).toBeLessThan(10);
  });

  it('sends on schedule, answered or not, and stops by itself', async () => {
    const { clock } = createFakeClock();
    const sentMs: number[] = [];
    let answerAll = () => {};
    const answered = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    const records = await runOpenLoop({
      ratePerSecond: 20,
      durationMs: 500,
      clock,
      send: (index) => {
        sentMs.push(clock.nowMs());
        if (index === 9) answerAll();
        return answered;
      },
    });
    expect(sentMs).toEqual([1_000, 1_050, 1_100, 1_150, 1_200, 1_250, 1_300, 1_350, 1_400, 1_450]);
    expect(records.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(records.map(({ scheduledMs }) => scheduledMs)).toEqual([0, 50, 100, 150, 200, 250, 300, 350, 400, 450]);
  });

  it('counts latency from the scheduled moment, also when sending came late', async () => {
    const { clock, pass } = createFakeClock();
    const records = await runOpenLoop({
      ratePerSecond: 10,
      durationMs: 500,
      clock,
      send: async (index) => {
        // The sender itself is held up: the next two arrivals are sent late, and have waited.
        if (index === 0) pass(250);
      },
    });
    expect(records.map(({ latencyMs }) => Math.round(latencyMs))).toEqual([250, 150, 50, 0, 0]);
  });

  it('lets nobody in after the signal, and waits for those under way', async () => {
    const { clock } = createFakeClock();
    const stop = new AbortController();
    const records = await runOpenLoop({
      ratePerSecond: 10,
      durationMs: 60_000,
      clock,
      signal: stop.signal,
      send: async (index) => {
        if (index === 2) stop.abort();
        return index;
      },
    });
    expect(records.map(({ result }) => result)).toEqual([0, 1, 2]);
  });

  it('ends with what a request rejects with', async () => {
    const { clock } = createFakeClock();
    const sent: number[] = [];
    const load = runOpenLoop({
      ratePerSecond: 10,
      durationMs: 60_000,
      clock,
      send: async (index) => {
        sent.push(index);
        if (index === 1) throw new Error('a bug');
      },
    });
    await expect(load).rejects.toThrow('a bug');
    expect(sent).toEqual([0, 1]);
  });
});
