import type { FlightTurn } from '../cache/flights.ts';
import type { StateReading } from '../namespaces/namespace-states.ts';
import type { Answer } from './answer.ts';
import { isComplete } from './is-complete.ts';
import type { KeptAnswer } from './kept-answer.ts';
import type { OpenQuestion } from './open-question.ts';
import { LEFT, type QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

/** How a question comes by an answer that nobody has kept. */
export type Turn =
  /** Made by another request of this isolate a moment ago. */
  | { kind: 'shared'; answer: Answer }
  /** This request is the one to make it. */
  | { kind: 'own'; turn: FlightTurn }
  /** Others have tried, in vain; or the one who waits has left. */
  | { kind: 'failed'; failure: QueryFailure }
  /** Another is still at it, and too little time is left to ask a model as well. */
  | { kind: 'late' };

const LOOK_EVERY_MS = 50;
// What an extractive answer may take, with a search before it.
const LEAST_TO_MAKE_MS = 2_000;
// One failure may be chance; after the second, all who wait are told instead of trying one by one.
const MOST_ATTEMPTS = 2;

/** Waits while another request of this isolate makes the same answer; never for its promise. */
export async function waitForOther(services: QueryServices, kept: KeptAnswer, asked: OpenQuestion): Promise<Turn> {
  const { flights, wait } = services;
  for (let hasWaited = false; ; hasWaited = true) {
    if (asked.listener.signal.aborted) return { kind: 'failed', failure: LEFT };
    const answer = await lookAtOther(services, kept, asked, hasWaited);
    if (answer !== null) return { kind: 'shared', answer };
    const flight = flights.look(kept.key);
    const isGivenUp = flight.kind === 'failed' && hasWaited && flight.attempts >= MOST_ATTEMPTS;
    if (isGivenUp && flight.failure !== null) return { kind: 'failed', failure: flight.failure };
    const turn = flights.tryTake(kept.key);
    if (turn !== null) return { kind: 'own', turn };
    if (asked.deadline.remainingMs() <= LEAST_TO_MAKE_MS) return { kind: 'late' };
    flights.noteWaiting(kept.key);
    if (!hasWaited) await asked.listener.waiting();
    await wait(LOOK_EVERY_MS);
  }
}

/** What another request has made a moment ago, unless something it was made from is gone. */
export async function lookAtOther(
  { flights, answers, namespaceStates }: QueryServices,
  { key }: KeptAnswer,
  { ask, deadline }: OpenQuestion,
  hasWaited: boolean,
): Promise<Answer | null> {
  const flight = flights.look(key);
  if (flight.kind !== 'made') return null;
  const reading = await namespaceStates.current(ask.namespace, deadline);
  const { use, answer } = answers.judge(flight.value, reading);
  if (answer === null || !isOfNow(use, reading)) return null;
  // A poor answer is for those who waited for it: later ones may get a better one.
  return hasWaited || isComplete(answer, ask) ? answer : null;
}

/** As it was made moments ago, it is as good as can be where nobody can tell the namespace's state. */
function isOfNow(use: 'fresh' | 'stale' | 'if-error' | 'none', reading: StateReading): boolean {
  return use === 'fresh' || (use === 'if-error' && reading.kind === 'unknown');
}
