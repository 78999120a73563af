import type { Deadline } from '../resilience/deadline.ts';

/** What an account may ask of all its rate-budgeted models together, shared by all isolates. */
export interface GenerationBudget {
  /** Takes one call out of it. Never fails: when nobody can tell what is left, it is granted. */
  take(deadline: Deadline): Promise<GenerationTurn>;
}

export interface GenerationTurn {
  isGranted: boolean;
  /** Of Redis, that asking took. */
  commands: number;
  /** The call is not made after all. In the background; returns how many commands of Redis that takes. */
  giveBack(): number;
}
