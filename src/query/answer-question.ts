import { deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { joinAdjacent } from '../retrieval/arrange-chunks.ts';
import { retrieve } from '../retrieval/retrieve.ts';
import type { Answer } from './answer.ts';
import { type Ask, normaliseQuestion } from './ask.ts';
import { describeMaking, numberPassages, reportDegradation } from './assemble.ts';
import { generateAnswer } from './generate-answer.ts';
import { type QueryFailure, queryFailureFrom } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

/** The read path of `POST …/answer`, step by step. Fails only when no passages could be looked for at all. */
export async function answerQuestion(
  services: QueryServices,
  ask: Ask,
  requestId: string,
): Promise<Result<Answer, QueryFailure>> {
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
  const passages = numberPassages(joinAdjacent(retrieved.value.chunks));

  const written = await generateAnswer(services, { question, passages, mode: ask.generation }, deadline);

  const refused = passages.length === 0;
  const making = describeMaking(services, ask, retrieved.value, written, startedAtMs);
  reportDegradation(services, ask, requestId, making.degraded);
  return succeed({
    id: services.newId(),
    answer: written.answer,
    refused,
    reason: refused ? 'NO_PASSAGES' : null,
    rewrittenQuestion: null,
    citations: written.citations,
    passages,
    generation: written.generation,
    support: null,
    ...making,
  });
}
