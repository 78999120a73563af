import type { Degradation } from '../retrieval/degradation.ts';
import type { Answer, CacheUse } from './answer.ts';
import type { FoundAnswer } from './answer-cache.ts';
import { isComplete } from './is-complete.ts';
import type { MadeAnswer } from './make-answer.ts';
import type { OpenQuestion } from './open-question.ts';
import type { QueryServices } from './query-services.ts';

/** What is known of a question that others may have asked before. */
export interface KeptAnswer extends Pick<FoundAnswer, 'use' | 'answer' | 'reading'> {
  key: string;
  /** How the look-up ended, for an answer that has to be made. */
  lookUp: Extract<CacheUse['response'], 'miss' | 'bypass' | 'unavailable'>;
}

const LOOK_EVERY_MS = 50;
// With less left than this, waiting on would leave no time to make the answer alone.
const LEAST_TO_MAKE_MS = 2_000;

/** Looks for a kept answer, as far as the request lets it. `null`: this question is neither looked up nor kept. */
export async function findKept(services: QueryServices, asked: OpenQuestion): Promise<KeptAnswer | null> {
  const { ask, question, deadline } = asked;
  if (ask.cache === 'no-store') return null;
  const key = await services.answers.keyOf(ask, question);
  if (ask.cache === 'reload') {
    const reading = await services.namespaceStates.current(ask.namespace, deadline);
    return { key, use: 'none', answer: null, reading, lookUp: 'bypass' };
  }
  const { use, answer, reading, isAvailable } = await services.answers.find(ask.namespace, key, deadline);
  return { key, use, answer, reading, lookUp: isAvailable ? 'miss' : 'unavailable' };
}

/**
 * Waits while another request of this isolate makes the same answer, and takes it; `null` when this one has to make it:
 * as the first, because the other has failed, or because its turn is over.
 */
export async function waitForOther(
  { flights, answers, wait }: QueryServices,
  { key, reading }: KeptAnswer,
  { ask, deadline }: OpenQuestion,
): Promise<Answer | null> {
  let hasWaited = false;
  while (deadline.remainingMs() > LEAST_TO_MAKE_MS) {
    const flight = flights.look(key);
    if (flight.kind === 'failed' && hasWaited) return null;
    if (flight.kind === 'landed') {
      const { use, answer } = answers.judge(flight.value, reading);
      // A poor answer is for those who waited for it: later ones may get a better one.
      if (use === 'fresh' && answer !== null && (hasWaited || isComplete(answer, ask))) return answer;
    }
    if (flights.tryTake(key)) return null;
    await wait(LOOK_EVERY_MS);
    hasWaited = true;
  }
  return null;
}

/** Leaves what was made for those who wait, and, when it is complete, for those who ask later. */
export function keepMade(
  { flights, answers }: QueryServices,
  { key, reading, lookUp }: KeptAnswer,
  { ask }: OpenQuestion,
  made: MadeAnswer | null,
): void {
  if (made === null || reading.kind === 'unknown') {
    flights.land(key, null);
    return;
  }
  const { content, purge } = reading.state;
  const value = answers.encode(made.answer, { content, purge, versions: made.versions });
  flights.land(key, value);
  // A cache that could not be read is not written to either.
  if (lookUp !== 'unavailable' && isComplete(made.answer, ask)) answers.keep(key, value);
}

export function degradedByCache({ lookUp }: KeptAnswer): Degradation[] {
  return lookUp === 'unavailable' ? [{ step: 'cache:response', reason: 'UNAVAILABLE' }] : [];
}
