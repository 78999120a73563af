import type { GenerationBudget, GenerationTurn } from '../models/generation-budget.ts';
import type { Deadline } from '../resilience/deadline.ts';

/** The calls of rate-budgeted models that one answer may make. */
export interface GenerationTurns {
  /** Whether another call may be made. The turn for it is held until it is spent. */
  take(): Promise<boolean>;
  /** The call goes out. */
  spend(): void;
  /** Of Redis, that turns took so far. */
  commands(): number;
  /** Gives back what was asked for and not spent. */
  close(): Promise<void>;
}

/**
 * The first turn is asked for at once, while passages are still looked for, so that nobody waits for it later. Without
 * a budget there is no end of turns.
 */
export function openTurns(budget: GenerationBudget | null, deadline: Deadline): GenerationTurns {
  if (budget === null) return { take: async () => true, spend: () => {}, commands: () => 0, close: async () => {} };
  let commands = 0;
  const ask = async () => {
    const turn = await budget.take(deadline);
    commands += turn.commands;
    return turn;
  };
  let held: Promise<GenerationTurn> | null = ask();
  return {
    async take() {
      // One that was refused stays: nobody asks again once there is none left.
      held ??= ask();
      return (await held).isGranted;
    },
    spend() {
      held = null;
    },
    commands: () => commands,
    async close() {
      const unspent = held;
      held = null;
      if (unspent !== null) commands += (await unspent).giveBack();
    },
  };
}
