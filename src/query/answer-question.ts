import { type Result, succeed } from '../result.ts';
import { joinAdjacent } from '../retrieval/arrange-chunks.ts';
import type { Answer } from './answer.ts';
import type { Ask } from './ask.ts';
import { describeMaking, numberPassages, reportDegradation } from './assemble.ts';
import { findPassages } from './find-passages.ts';
import { generateAnswer } from './generate-answer.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

/** The read path of `POST …/answer`, step by step. Fails only when no passages could be looked for at all. */
export async function answerQuestion(
  services: QueryServices,
  ask: Ask,
  requestId: string,
): Promise<Result<Answer, QueryFailure>> {
  const found = await findPassages(services, ask, requestId);
  if (!found.ok) return found;
  const { startedAtMs, deadline, question, retrieved } = found.value;
  const passages = numberPassages(joinAdjacent(retrieved.chunks));

  const written = await generateAnswer(services, { question, passages, mode: ask.generation }, deadline);

  const refused = passages.length === 0;
  const making = describeMaking(services, ask, retrieved, written, startedAtMs);
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
