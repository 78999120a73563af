import type { FlightTurn } from '../cache/flights.ts';
import { EMPTY_STATE, freshnessOf } from '../namespaces/namespace-state.ts';
import { lastKnown } from '../namespaces/namespace-states.ts';
import type { Result } from '../result.ts';
import { type Degradation, degradedByReading } from '../retrieval/degradation.ts';
import type { Answer, CacheUse } from './answer.ts';
import type { FoundAnswer } from './answer-cache.ts';
import { isComplete } from './is-complete.ts';
import type { MadeAnswer } from './make-answer.ts';
import type { OpenQuestion } from './open-question.ts';
import { isOfAll, type QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

/** What is known of a question that others may have asked before. */
export interface KeptAnswer extends Pick<FoundAnswer, 'use' | 'answer' | 'madeFrom' | 'reading'> {
  key: string;
  /** How the look-up ended, for an answer that has to be made. */
  lookUp: Extract<CacheUse['response'], 'miss' | 'bypass' | 'unavailable'>;
}

/** Looks for a kept answer, as far as the request lets it. `null`: this question is neither looked up nor kept. */
export async function findKept(services: QueryServices, asked: OpenQuestion): Promise<KeptAnswer | null> {
  const { ask, question, deadline } = asked;
  if (ask.cache === 'no-store') return null;
  const key = await services.answers.keyOf(ask, question);
  if (ask.cache === 'reload') {
    const reading = await services.namespaceStates.current(ask.namespace, deadline);
    return { key, use: 'none', answer: null, madeFrom: null, reading, lookUp: 'bypass' };
  }
  const { isAvailable, ...found } = await services.answers.find(ask.namespace, key, deadline);
  return { ...found, key, lookUp: isAvailable ? 'miss' : 'unavailable' };
}

/** The kept answer as it may be used now: what it was made from may have gone since it was looked up. */
export async function stillKept(
  { namespaceStates }: QueryServices,
  { answer, madeFrom }: KeptAnswer,
  { ask, deadline }: OpenQuestion,
): Promise<{ answer: Answer; degraded: Degradation[] } | null> {
  if (answer === null || madeFrom === null) return null;
  const reading = await namespaceStates.current(ask.namespace, deadline);
  const state = lastKnown(reading);
  if (state !== null && freshnessOf(madeFrom, state) === 'gone') return null;
  return { answer, degraded: degradedByReading(reading) };
}

/**
 * Leaves what came of the making for those who wait, and, when it is complete, for those who ask later. Made out of turn, it
 * is nobody's but when it is complete.
 */
export function keepMade(
  { flights, answers }: QueryServices,
  { key, reading }: KeptAnswer,
  { ask }: OpenQuestion,
  turn: FlightTurn | null,
  made: Result<MadeAnswer, QueryFailure> | null,
): void {
  if (made?.ok !== true) {
    const failure = made !== null && isOfAll(made.error) ? made.error : null;
    if (turn !== null) flights.land(key, turn, { kind: 'failed', failure });
    return;
  }
  const { answer, versions } = made.value;
  const { content, purge } = lastKnown(reading) ?? EMPTY_STATE;
  const value = answers.encode(answer, { content, purge, versions });
  const isWhole = isComplete(answer, ask);
  if (turn !== null) flights.land(key, turn, { kind: 'made', value });
  else if (isWhole) flights.leave(key, value);
  if (reading.kind === 'known' && isWhole) answers.keep(key, value);
}

export function degradedByCache({ lookUp }: KeptAnswer): Degradation[] {
  return lookUp === 'unavailable' ? [{ step: 'cache:response', reason: 'UNAVAILABLE' }] : [];
}
