import { expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { GenerationBudget } from '../models/generation-budget.ts';
import { openTurns } from './generation-turns.ts';

function aBudget(granted: boolean[]) {
  const seen = { asked: 0, givenBack: 0 };
  const budget: GenerationBudget = {
    async take() {
      const isGranted = granted[seen.asked] ?? false;
      seen.asked += 1;
      const giveBack = () => {
        seen.givenBack += 1;
        return 2;
      };
      return { isGranted, commands: 3, giveBack };
    },
  };
  return { seen, turns: openTurns(budget, inSeconds(5)) };
}

it('the first turn is asked for before anybody needs it', async () => {
  const { seen, turns } = aBudget([true, true]);
  expect(seen.asked).toBe(1);
  expect(await turns.take()).toBe(true);
  turns.spend();
  expect(seen.asked).toBe(1);
  expect(await turns.take()).toBe(true);
  expect(seen.asked).toBe(2);
  expect(turns.commands()).toBe(6);
});

it('nobody asks again once there is none left', async () => {
  const { seen, turns } = aBudget([false, true]);
  expect([await turns.take(), await turns.take()]).toEqual([false, false]);
  expect(seen.asked).toBe(1);
});

it('a turn whose call was not made serves the next one', async () => {
  const { seen, turns } = aBudget([true, false]);
  expect([await turns.take(), await turns.take()]).toEqual([true, true]);
  expect(seen.asked).toBe(1);
});

it('a turn that was not used is given back, and that is counted; one that was is not', async () => {
  const asked = aBudget([true]);
  const taken = aBudget([true]);
  await taken.turns.take();
  for (const { seen, turns } of [asked, taken]) {
    await turns.close();
    await turns.close();
    expect([seen.givenBack, turns.commands()]).toEqual([1, 5]);
  }
  const used = aBudget([true]);
  await used.turns.take();
  used.turns.spend();
  await used.turns.close();
  expect([used.seen.givenBack, used.turns.commands()]).toEqual([0, 3]);
});

it('without a budget there is always a turn', async () => {
  const turns = openTurns(null, inSeconds(5));
  expect([await turns.take(), turns.commands()]).toEqual([true, 0]);
});
