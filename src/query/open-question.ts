import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { AnswerListener } from './answer-listener.ts';
import { type Ask, normaliseQuestion } from './ask.ts';
import { reportDegradation } from './assemble.ts';
import type { QueryServices } from './query-services.ts';
import { type Rewriting, rewriteQuestion } from './rewrite-question.ts';

/** A question under way: its clock runs. */
export interface OpenQuestion {
  ask: Ask;
  requestId: string;
  startedAtMs: number;
  /** Over as soon as nobody listens any more. */
  deadline: Deadline;
  /** Normalised; of a conversation, the last one as it can be asked alone. */
  question: string;
  /** How it came to be that; `null` outside a conversation. */
  rewriting: Rewriting | null;
  /** Who hears of its answer. */
  listener: AnswerListener;
}

export async function openQuestion(
  services: QueryServices,
  ask: Ask,
  requestId: string,
  listener: AnswerListener,
): Promise<OpenQuestion> {
  const { clock, requestTimeoutMs } = services;
  const startedAtMs = clock.nowMs();
  const deadline = deadlineIn(clock, requestTimeoutMs, listener.signal);
  const rewriting =
    ask.history.length === 0 ? null : await rewriteQuestion(services, ask, { deadline, signal: listener.signal });
  // What was cut off because nobody wanted it any more was not done without.
  const isWanted = !listener.signal.aborted;
  if (rewriting !== null && isWanted) reportDegradation(services, ask, requestId, rewriting.degraded);
  const question = rewriting?.question ?? normaliseQuestion(ask.question);
  return { ask, requestId, startedAtMs, deadline, question, rewriting, listener };
}

/** The same question for nobody in particular, from now on. */
export function openAgain(
  { clock, requestTimeoutMs }: Pick<QueryServices, 'clock' | 'requestTimeoutMs'>,
  asked: OpenQuestion,
  listener: AnswerListener,
): OpenQuestion {
  return {
    ...asked,
    startedAtMs: clock.nowMs(),
    deadline: deadlineIn(clock, requestTimeoutMs, listener.signal),
    listener,
  };
}

/** What is searched for where that is not what was asked. */
export function rewrittenQuestion({ ask, question, rewriting }: OpenQuestion): string | null {
  return rewriting === null || question === normaliseQuestion(ask.question) ? null : question;
}
