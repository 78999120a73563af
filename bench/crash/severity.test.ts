import { expect, it } from 'vitest';
import type { RoundResult } from './run-round.ts';
import { severityOf } from './severity.ts';

const HARD: RoundResult = {
  ...{ seed: 1, documents: 100, kills: 4, inDoubt: 5, settledAfterMs: 1_000, unnamed: 2, differences: [] },
  requests: { answered: 150, unknown: 9, unexplained: 0, refused: 3 },
  calls: { received: 200, failed: 38, failedWhenDone: 12 },
  deliveries: { handed: 300, doubled: 40, late: 30, outOfOrder: 80 },
};

function broken(round: RoundResult): string[] {
  return severityOf([HARD, round], 3).flatMap(({ name, holds }) => (holds ? [] : [name]));
}

it('takes a round for hard in which all of it happened', () => {
  expect(broken(HARD)).toEqual([]);
});

it.each<[string, Partial<RoundResult>]>([
  ['kills', { kills: 2 }],
  ['in danger', { calls: { received: 10, failed: 2, failedWhenDone: 1 } }],
  ['share of them that failed', { calls: { received: 200, failed: 19, failedWhenDone: 12 } }],
  ['carried out all the same', { calls: { received: 200, failed: 38, failedWhenDone: 0 } }],
  ['delivered again', { deliveries: { ...HARD.deliveries, doubled: 0 } }],
  ['delivered late', { deliveries: { ...HARD.deliveries, late: 0 } }],
  ['delivered out of order', { deliveries: { ...HARD.deliveries, outOfOrder: 0 } }],
  ['that no kill explains', { requests: { ...HARD.requests, unexplained: 1 } }],
  ['not known in the end', { inDoubt: 21 }],
  ['unnamed originals', { unnamed: 10 }],
])('finds a round among others wanting: %s', (name, change) => {
  expect(broken({ ...HARD, ...change })).toEqual([expect.stringContaining(name)]);
});
