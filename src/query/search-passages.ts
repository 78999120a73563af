import { deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { retrieve } from '../retrieval/retrieve.ts';
import type { SearchResult } from './answer.ts';
import { type Ask, normaliseQuestion } from './ask.ts';
import { describeMaking, numberPassages, reportDegradation } from './assemble.ts';
import { type QueryFailure, queryFailureFrom } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

/** The read path of `…/search`: the passages an answer would be made of. */
export async function searchPassages(
  services: QueryServices,
  ask: Ask,
  requestId: string,
): Promise<Result<SearchResult, QueryFailure>> {
  const startedAtMs = services.clock.nowMs();
  const deadline = deadlineIn(services.clock, services.requestTimeoutMs);
  const question = normaliseQuestion(ask.question);

  const { namespace, topK, cache, retrieval: mode, filter, maxPerDocument } = ask;
  const request = { namespace, question, topK, mode, cache, filter, maxPerDocument };
  const retrieved = await retrieve(services, request, deadline);
  if (!retrieved.ok) {
    reportDegradation(services, ask, requestId, retrieved.error.degraded);
    return fail(queryFailureFrom(retrieved.error));
  }

  const making = describeMaking(services, ask, retrieved.value, null, startedAtMs);
  reportDegradation(services, ask, requestId, making.degraded);
  return succeed({
    id: services.newId(),
    rewrittenQuestion: null,
    passages: numberPassages(retrieved.value.chunks),
    ...making,
  });
}
