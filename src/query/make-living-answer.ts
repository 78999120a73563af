import { retiredIn } from '../namespaces/namespace-state.ts';
import { fail, type Result } from '../result.ts';
import { type MadeAnswer, makeAnswer } from './make-answer.ts';
import type { OpenQuestion } from './open-question.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

const MOST_ATTEMPTS = 2;

// Documents that go so often: the next question may meet a quieter moment.
const CHANGING: QueryFailure = {
  kind: 'retrieval-unavailable',
  retryAfterMs: 1_000,
  degraded: [{ step: 'liveness', reason: 'CHANGED' }],
};

/**
 * An answer whose documents are there when it goes out: a model takes seconds, and what was deleted meanwhile must not be
 * told. When some of it has gone, the passages are looked for again.
 */
export async function makeLivingAnswer(
  services: QueryServices,
  asked: OpenQuestion,
): Promise<Result<MadeAnswer, QueryFailure>> {
  for (let attempts = 1; attempts <= MOST_ATTEMPTS; attempts++) {
    const made = await makeAnswer(services, asked);
    if (!made.ok || !(await hasGone(services, asked, made.value))) return made;
  }
  return fail(CHANGING);
}

async function hasGone(
  { namespaceStates }: QueryServices,
  { ask, deadline }: OpenQuestion,
  { versions }: MadeAnswer,
): Promise<boolean> {
  const reading = await namespaceStates.current(ask.namespace, deadline);
  if (reading.kind === 'unknown') return false;
  const isRetired = retiredIn(reading.state);
  return versions.some(([documentId, version]) => isRetired(documentId, version));
}
