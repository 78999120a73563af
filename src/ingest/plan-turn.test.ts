import { expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { type PlanTurn, takePlanTurn } from './plan-turn.ts';

it('is had by one at a time, until it is given back', () => {
  const clock = createManualClock();
  const turn: PlanTurn = { takenUntilMs: 0 };
  const first = takePlanTurn(turn, clock, 1_000);
  expect(takePlanTurn(turn, clock, 1_000)).toBeNull();
  first?.giveBack();
  expect(takePlanTurn(turn, clock, 1_000)).not.toBeNull();
});

it('ends by itself, and whoever comes back late does not end somebody else’s', () => {
  const clock = createManualClock();
  const turn: PlanTurn = { takenUntilMs: 0 };
  const first = takePlanTurn(turn, clock, 1_000);
  clock.advance(1_000);
  expect(takePlanTurn(turn, clock, 2_000)).not.toBeNull();
  first?.giveBack();
  expect(takePlanTurn(turn, clock, 1_000)).toBeNull();
});
