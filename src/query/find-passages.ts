import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { type Retrieved, retrieve } from '../retrieval/retrieve.ts';
import { type Ask, normaliseQuestion } from './ask.ts';
import { reportDegradation } from './assemble.ts';
import { type QueryFailure, queryFailureFrom } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

export interface FoundPassages {
  startedAtMs: number;
  deadline: Deadline;
  /** Normalised. */
  question: string;
  retrieved: Retrieved;
}

/** The part that `answer` and `search` share: starts the clock of the request and looks for passages. */
export async function findPassages(
  services: QueryServices,
  ask: Ask,
  requestId: string,
): Promise<Result<FoundPassages, QueryFailure>> {
  const startedAtMs = services.clock.nowMs();
  const deadline = deadlineIn(services.clock, services.requestTimeoutMs);
  const question = normaliseQuestion(ask.question);
  const { namespace, topK, cache, retrieval: mode, filter, maxPerDocument } = ask;
  const request = { namespace, question, topK, mode, cache, filter, maxPerDocument };
  const retrieved = await retrieve(services, request, deadline);
  if (retrieved.ok) return succeed({ startedAtMs, deadline, question, retrieved: retrieved.value });
  reportDegradation(services, ask, requestId, retrieved.error.degraded);
  return fail(queryFailureFrom(retrieved.error));
}
