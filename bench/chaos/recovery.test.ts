import { expect, it } from 'vitest';
import type { LoadClock } from '../load/open-loop.ts';
import { measureRecovery } from './recovery.ts';

function createFakeClock(): LoadClock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    sleep: async (ms) => {
      await new Promise((resolve) => setImmediate(resolve));
      nowMs += ms;
    },
  };
}

/** Answers at once; those with the given numbers are not as they should be. */
function recoveryAfter(badAnswers: (index: number) => boolean): Promise<number | null> {
  return measureRecovery({
    ratePerSecond: 20,
    clock: createFakeClock(),
    ask: async (index) => ({
      question: '',
      isNew: false,
      reply: badAnswers(index) ? { kind: 'hung' } : { kind: 'broken', message: 'as it should be' },
    }),
    isRecovered: (reply) => reply.kind !== 'hung',
  });
}

it('ten good answers in a row end it', async () => {
  expect(await recoveryAfter(() => false)).toBe(450);
});

it('a bad one among them begins the count again', async () => {
  expect(await recoveryAfter((index) => index === 9)).toBe(950);
});

it('it is given up when they do not come', async () => {
  expect(await recoveryAfter((index) => index % 2 === 0)).toBe(null);
});
