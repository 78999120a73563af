import type { GenerationBudget, GenerationTurn } from '../models/generation-budget.ts';
import type { Deadline } from '../resilience/deadline.ts';

/** The calls of rate-budgeted models that one answer may make. */
export interface GenerationTurns {
  /** Whether another one may be made. */
  take(): Promise<boolean>;
  /** Of Redis, that asking took so far. */
  commands(): number;
  /** Gives back what was asked for and not taken. */
  close(): void;
}

/**
 * The first turn is asked for at once, while passages are still looked for, so that nobody waits for it later. Without
 * a budget there is no end of turns.
 */
export function openTurns(budget: GenerationBudget | null, deadline: Deadline): GenerationTurns {
  if (budget === null) return { take: async () => true, commands: () => 0, close: () => {} };
  let commands = 0;
  let isSpent = false;
  const ask = async () => {
    const turn = await budget.take(deadline);
    commands += turn.commands;
    return turn;
  };
  let ahead: Promise<GenerationTurn> | null = ask();
  return {
    async take() {
      if (isSpent) return false;
      const turn = ahead ?? ask();
      ahead = null;
      isSpent = !(await turn).isGranted;
      return !isSpent;
    },
    commands: () => commands,
    close() {
      void ahead?.then((turn) => turn.giveBack());
      ahead = null;
    },
  };
}
