import { fail, type Result } from '../result.ts';
import { retrieve } from '../retrieval/retrieve.ts';
import type { Retrieved } from '../retrieval/retrieved.ts';
import { reportDegradation } from './assemble.ts';
import type { OpenQuestion } from './open-question.ts';
import { LEFT, type QueryFailure, queryFailureFrom } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

/** The part that `answer` and `search` share: the best, as many as are wanted and so many more. */
export async function findPassages(
  services: QueryServices,
  { ask, requestId, question, deadline, listener }: OpenQuestion,
  extra: number,
): Promise<Result<Retrieved, QueryFailure>> {
  const { namespace, topK, cache, retrieval: mode, filter, maxPerDocument } = ask;
  const request = { namespace, question, topK, extra, mode, cache, filter, maxPerDocument };
  const retrieved = await retrieve(services, request, deadline);
  if (retrieved.ok) return retrieved;
  if (listener.signal.aborted) return fail(LEFT);
  reportDegradation(services, ask, requestId, retrieved.error.degraded);
  return fail(queryFailureFrom(retrieved.error));
}
