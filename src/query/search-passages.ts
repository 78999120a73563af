import { type Result, succeed } from '../result.ts';
import type { SearchResult } from './answer.ts';
import type { AnswerListener } from './answer-listener.ts';
import type { Ask } from './ask.ts';
import { describeMaking, numberPassages, reportDegradation } from './assemble.ts';
import { findPassages } from './find-passages.ts';
import { openQuestion } from './open-question.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';
import { withRewriting } from './with-rewriting.ts';

/** The read path of `…/search`: the passages nearest to the question, each as it was cut for the index. */
export async function searchPassages(
  services: QueryServices,
  ask: Ask,
  requestId: string,
  listener: AnswerListener,
): Promise<Result<SearchResult, QueryFailure>> {
  const asked = await openQuestion(services, ask, requestId, listener);
  const retrieved = await findPassages(services, asked, 0);
  if (!retrieved.ok) return retrieved;

  const making = describeMaking(services, asked, retrieved.value, null);
  reportDegradation(services, ask, requestId, making.degraded);
  const passages = numberPassages(retrieved.value.chunks);
  return succeed(withRewriting({ id: services.newId(), rewrittenQuestion: null, passages, ...making }, asked));
}
