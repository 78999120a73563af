import { retiredIn } from '../namespaces/namespace-state.ts';
import type { StateReading } from '../namespaces/namespace-states.ts';
import { fail, type Result, succeed } from '../result.ts';
import { degradedByReading } from '../retrieval/degradation.ts';
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
    if (!made.ok) return made;
    const reading = await services.namespaceStates.current(asked.ask.namespace, asked.deadline);
    if (!hasGone(reading, made.value)) return succeed(withDoubts(made.value, reading));
  }
  return fail(CHANGING);
}

function hasGone(reading: StateReading, { versions }: MadeAnswer): boolean {
  if (reading.kind === 'unknown') return false;
  const isRetired = retiredIn(reading.state);
  return versions.some(([documentId, version]) => isRetired(documentId, version));
}

/** Nobody could say whether all is still there, and perhaps the search was spared having to ask. */
function withDoubts(made: MadeAnswer, reading: StateReading): MadeAnswer {
  const { answer } = made;
  const isNamed = answer.degraded.some(({ step }) => step === 'liveness');
  if (isNamed || made.versions.length === 0) return made;
  return { ...made, answer: { ...answer, degraded: [...answer.degraded, ...degradedByReading(reading)] } };
}
