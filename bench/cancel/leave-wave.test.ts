import { expect, it } from 'vitest';
import { judgeCalls } from './leave-wave.ts';

const LEFT_AT_MS = 5_000;

function aCall(beganAfterMs: number, endedAfterMs: number | null) {
  const endedAtMs = endedAfterMs === null ? null : LEFT_AT_MS + endedAfterMs;
  return {
    service: 'ai' as const,
    instance: 'primary',
    operation: 'embed',
    beganAtMs: LEFT_AT_MS + beganAfterMs,
    endedAtMs,
  };
}

it('finds no fault with calls that were begun before or as the clients left, and soon ended', () => {
  const calls = [aCall(-900, -300), aCall(-20, 40), aCall(100, 130)];
  expect(judgeCalls(calls, LEFT_AT_MS)).toEqual({ begunLate: [], goingOn: [], stoppedAfterMs: 130 });
});

it('finds calls that were begun later, however short they are, and calls that go on', () => {
  const calls = [aCall(-20, null), aCall(-20, 1_001), aCall(101, 102)];
  const { begunLate, goingOn } = judgeCalls(calls, LEFT_AT_MS);
  expect(begunLate).toEqual([{ call: 'ai:primary/embed', beganAfterMs: 101 }]);
  expect(goingOn.map(({ beganAfterMs }) => beganAfterMs)).toEqual([-20, -20]);
});
