import { describe, expect, it } from 'vitest';
import { readSteps } from './profile-steps.ts';

const NODES = [
  { id: 1, callFrame: { functionName: '(root)', lineNumber: -1 }, children: [2, 3, 5, 6] },
  { id: 2, callFrame: { functionName: '(program)', lineNumber: -1 }, children: [] },
  { id: 3, callFrame: { functionName: 'chunkDocument', lineNumber: 9 }, children: [4] },
  { id: 4, callFrame: { functionName: 'parse', lineNumber: 19 }, children: [] },
  { id: 5, callFrame: { functionName: '', lineNumber: 29 }, children: [] },
  { id: 6, callFrame: { functionName: '(garbage collector)', lineNumber: -1 }, children: [] },
];

/** Samples as the profiler gives them: each with the microseconds since the one before. */
function profile(...sampled: [node: number, microseconds: number][]) {
  const samples = sampled.map(([node]) => node);
  return { nodes: NODES, samples, timeDeltas: sampled.map(([, microseconds]) => microseconds) };
}

describe('the steps of a profile', () => {
  it('are what ran without a pause, told by where most of the time went', () => {
    const steps = readSteps(profile([3, 0], [4, 500], [4, 500], [4, 500], [3, 500], [2, 500], [5, 500], [2, 500]), 1);
    expect(steps).toEqual({
      samples: 8,
      steps: 2,
      longest: { durationMs: 2.5, where: 'parse < chunkDocument' },
      tooLong: 1,
      longestCollectionMs: 0,
    });
  });

  it('end where nothing was sampled for a while: the isolate had paused', () => {
    const steps = readSteps(profile([5, 0], [5, 500], [5, 500], [5, 400_000], [5, 500], [2, 500]), 1);
    expect(steps).toMatchObject({ steps: 2, tooLong: 1, longest: { durationMs: 1.25, where: 'anonymous' } });
  });

  it('do not count what the engine took to collect garbage', () => {
    const steps = readSteps(profile([5, 0], [6, 500], [6, 500], [6, 500], [5, 500], [2, 500]), 1);
    expect(steps).toMatchObject({ steps: 1, tooLong: 0, longest: { durationMs: 1 }, longestCollectionMs: 1.5 });
  });

  it('of an isolate that did nothing are none', () => {
    expect(readSteps(profile([2, 0], [2, 500]), 1)).toMatchObject({ samples: 2, steps: 0, tooLong: 0 });
  });
});
