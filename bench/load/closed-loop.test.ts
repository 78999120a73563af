import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { runClosedLoop } from './closed-loop.ts';

const { signal } = new AbortController();

describe('a closed loop', () => {
  it('asks again when answered, until its time is over, and counts the answer that comes after it', async () => {
    const clock = createManualClock();
    const send = async () => clock.advance(30);
    const throughput = await runClosedLoop({ askers: 1, durationMs: 100, send, signal, nowMs: clock.nowMs });
    expect(throughput.requests).toBe(4);
    expect(throughput.perSecond).toBeCloseTo(4 / 0.12, 9);
  });

  it('has no more requests under way than askers', async () => {
    const clock = createManualClock();
    let underWay = 0;
    let most = 0;
    async function send() {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      clock.advance(1);
      underWay -= 1;
    }
    await runClosedLoop({ askers: 5, durationMs: 50, send, signal, nowMs: clock.nowMs });
    expect(most).toBe(5);
  });

  it('ends with the failure of a request, and when it is interrupted', async () => {
    const failing = { askers: 2, durationMs: 100, send: () => Promise.reject(new Error('wrong bytes')), signal };
    await expect(runClosedLoop(failing)).rejects.toThrow('wrong bytes');
    const interrupted = { ...failing, send: async () => {}, signal: AbortSignal.abort() };
    await expect(runClosedLoop(interrupted)).rejects.toThrow();
  });
});
