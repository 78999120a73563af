import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { type Ask, normaliseQuestion } from './ask.ts';
import type { QueryServices } from './query-services.ts';

/** A question under way: its clock runs. */
export interface OpenQuestion {
  ask: Ask;
  requestId: string;
  startedAtMs: number;
  deadline: Deadline;
  /** Normalised. */
  question: string;
}

export function openQuestion(
  { clock, requestTimeoutMs }: Pick<QueryServices, 'clock' | 'requestTimeoutMs'>,
  ask: Ask,
  requestId: string,
): OpenQuestion {
  return {
    ask,
    requestId,
    startedAtMs: clock.nowMs(),
    deadline: deadlineIn(clock, requestTimeoutMs),
    question: normaliseQuestion(ask.question),
  };
}
