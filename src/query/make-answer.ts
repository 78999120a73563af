import { type Result, succeed } from '../result.ts';
import { joinAdjacent } from '../retrieval/arrange-chunks.ts';
import { versionsOf } from '../retrieval/cached-results.ts';
import type { Answer } from './answer.ts';
import { describeMaking, numberPassages, reportDegradation } from './assemble.ts';
import { findPassages } from './find-passages.ts';
import { generateAnswer } from './generate-answer.ts';
import type { OpenQuestion } from './open-question.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

export interface MadeAnswer {
  answer: Answer;
  /** Of the documents its passages come from. */
  versions: [documentId: string, version: number][];
}

/** An answer made anew: passages, then words. Fails only when no passages could be looked for at all. */
export async function makeAnswer(
  services: QueryServices,
  asked: OpenQuestion,
): Promise<Result<MadeAnswer, QueryFailure>> {
  const found = await findPassages(services, asked);
  if (!found.ok) return found;
  const { ask, requestId, question, deadline } = asked;
  const retrieved = found.value;
  const passages = numberPassages(joinAdjacent(retrieved.chunks));

  const written = await generateAnswer(services, { question, passages, mode: ask.generation }, deadline);

  const refused = passages.length === 0;
  const making = describeMaking(services, asked, retrieved, written);
  reportDegradation(services, ask, requestId, making.degraded);
  const answer: Answer = {
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
  };
  return succeed({ answer, versions: versionsOf(retrieved.chunks) });
}
