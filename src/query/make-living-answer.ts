import { EMPTY_STATE, freshnessOf } from '../namespaces/namespace-state.ts';
import { lastKnown, type StateReading } from '../namespaces/namespace-states.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { degradedByReading } from '../retrieval/degradation.ts';
import { type MadeAnswer, makeAnswer } from './make-answer.ts';
import type { OpenQuestion } from './open-question.ts';
import { LEFT, type QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';
import { addUsage, type Paid, reportUnfinished } from './unfinished.ts';

const MOST_ATTEMPTS = 2;
const LAST_LOOK_MS = 500;

// Documents that go so often: the next question may meet a quieter moment.
const CHANGING: QueryFailure = {
  kind: 'retrieval-unavailable',
  retryAfterMs: 1_000,
  degraded: [{ step: 'liveness', reason: 'CHANGED' }],
};

/**
 * An answer whose documents are there when it goes out: a model takes seconds, and what was deleted meanwhile must not be
 * told. When some of it has gone, the passages are looked for again, unless a text made from them was told already.
 */
export async function makeLivingAnswer(
  services: QueryServices,
  asked: OpenQuestion,
): Promise<Result<MadeAnswer, QueryFailure>> {
  const { clock, namespaceStates } = services;
  const current = () => {
    // A streamed answer may have taken longer than the question had.
    const deadline = deadlineIn(clock, Math.max(asked.deadline.remainingMs(), LAST_LOOK_MS), asked.listener.signal);
    return namespaceStates.current(asked.ask.namespace, deadline);
  };
  const inVain: Paid[] = [];
  function unfinished(failure: QueryFailure, paid: Paid[]): Result<never, QueryFailure> {
    reportUnfinished(services, asked, failure, paid);
    return fail(failure);
  }
  while (inVain.length < MOST_ATTEMPTS) {
    const before = await current();
    const made = await makeAnswer(services, asked);
    if (!made.ok) return unfinished(made.error.failure, inVain.concat(made.error.paid ?? []));
    const now = await current();
    if (asked.listener.signal.aborted) return unfinished(LEFT, [...inVain, paidFor(made.value)]);
    if (!hasGone(before, now, made.value)) return succeed(withDoubts(withPaid(made.value, inVain), now));
    inVain.push(paidFor(made.value));
    if (isTold(asked, made.value)) {
      return unfinished({ kind: 'sources-changed', degraded: CHANGING.degraded }, inVain);
    }
  }
  return unfinished(CHANGING, inVain);
}

function paidFor({ answer: { generation, servedBy, usage } }: MadeAnswer): Paid {
  return { model: generation === 'model' ? servedBy.generation : null, usage };
}

/** What was made in vain has its price. */
function withPaid(made: MadeAnswer, inVain: readonly Paid[]): MadeAnswer {
  const usage = inVain.reduce((sum, paid) => addUsage(sum, paid.usage), made.answer.usage);
  return { ...made, answer: { ...made.answer, usage } };
}

/** A model's text is told while it is written; everything else when it is whole. */
function isTold({ listener }: OpenQuestion, { answer }: MadeAnswer): boolean {
  return listener.isSilent !== true && answer.generation === 'model';
}

/** A purge ends what was kept, and this was not. */
function hasGone(before: StateReading, now: StateReading, { versions }: MadeAnswer): boolean {
  const [earlier, later] = [lastKnown(before) ?? EMPTY_STATE, lastKnown(now)];
  if (later === null) return false;
  return freshnessOf({ content: earlier.content, purge: later.purge, versions }, later) === 'gone';
}

/** Nobody could say whether all is still there, and perhaps the search was spared having to ask. */
function withDoubts(made: MadeAnswer, reading: StateReading): MadeAnswer {
  const { answer } = made;
  const isNamed = answer.degraded.some(({ step }) => step === 'liveness');
  if (isNamed || made.versions.length === 0) return made;
  return { ...made, answer: { ...answer, degraded: [...answer.degraded, ...degradedByReading(reading)] } };
}
