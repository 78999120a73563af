import type { Deadline } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { joinAdjacent } from '../retrieval/arrange-chunks.ts';
import { versionsOf } from '../retrieval/cached-results.ts';
import type { Retrieved } from '../retrieval/retrieved.ts';
import type { Answer, Passage, Support } from './answer.ts';
import { describeMaking, numberPassages, reportDegradation } from './assemble.ts';
import { findPassages } from './find-passages.ts';
import { generateAnswer, type Writing, type WrittenAnswer } from './generate-answer.ts';
import { type GenerationTurns, openTurns } from './generation-turns.ts';
import { type OpenQuestion, rewrittenQuestion } from './open-question.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { judgeRelevance } from './relevance.ts';
import { type AssessedSupport, assessSupport, NOT_EMBEDDED, supportOfVerbatim } from './support.ts';
import { withRewriting } from './with-rewriting.ts';

export interface MadeAnswer {
  answer: Answer;
  /** Of the documents its passages come from. */
  versions: [documentId: string, version: number][];
}

/**
 * An answer made anew: passages, then words, which the listener hears as they come. Fails when no passages could be looked
 * for at all, and when the words could not be brought to their end.
 */
export async function makeAnswer(
  services: QueryServices,
  asked: OpenQuestion,
): Promise<Result<MadeAnswer, QueryFailure>> {
  const budget = asked.ask.generation === 'auto' ? services.generationBudget : null;
  const turns = openTurns(budget, asked.deadline);
  try {
    return await findAndWrite(services, asked, turns);
  } finally {
    turns.close();
  }
}

async function findAndWrite(
  services: QueryServices,
  asked: OpenQuestion,
  turns: GenerationTurns,
): Promise<Result<MadeAnswer, QueryFailure>> {
  const found = await findPassages(services, asked);
  if (!found.ok) return found;
  const { ask, requestId, question, deadline, listener } = asked;
  const retrieved = found.value;
  const passages = numberPassages(joinAdjacent(retrieved.chunks));
  const refusal = refusalFor(services, asked, passages);
  if (refusal === null) await listener.sources(passages, rewrittenQuestion(asked));

  const toWrite = { question, passages, mode: ask.generation, refusal, turns };
  const writing = await generateAnswer(services, toWrite, listener, deadline);
  if (writing.kind !== 'written') {
    return fail(reportUnwritten(services, asked, retrieved, { ...writing, budgetCommands: turns.commands() }));
  }
  const { written } = writing;
  const { support, embedding } = await supportOf(services, written, passages, deadline);

  const making = describeMaking(services, asked, retrieved, { ...written, claims: embedding });
  reportDegradation(services, ask, requestId, making.degraded);
  const answer: Answer = {
    id: services.newId(),
    answer: written.answer,
    refused: refusal !== null,
    reason: refusal?.reason ?? null,
    rewrittenQuestion: null,
    citations: written.citations,
    passages,
    generation: written.generation,
    support,
    ...making,
  };
  return succeed({ answer, versions: versionsOf(retrieved.chunks) });
}

async function supportOf(
  services: QueryServices,
  { answer, generation }: WrittenAnswer,
  passages: Passage[],
  deadline: Deadline,
): Promise<{ support: Support | null; embedding: AssessedSupport['embedding'] }> {
  if (answer === null || generation === 'none') return { support: null, embedding: NOT_EMBEDDED };
  if (generation === 'extractive') return { support: supportOfVerbatim(answer), embedding: NOT_EMBEDDED };
  return assessSupport(services, answer, passages, deadline);
}

/** Why there is no answer to write; `null` when there is one. Whoever wants passages alone judges them alone. */
function refusalFor(
  { relevance }: QueryServices,
  { ask, question }: OpenQuestion,
  passages: Passage[],
): Refusal | null {
  if (passages.length === 0) return refusalOf(question, 'NO_PASSAGES');
  if (relevance === null || ask.generation === 'none') return null;
  return judgeRelevance(question, passages, relevance) === 'irrelevant' ? refusalOf(question, 'LOW_RELEVANCE') : null;
}

/** What was paid for and nobody has as a whole. */
function reportUnwritten(
  services: QueryServices,
  asked: OpenQuestion,
  retrieved: Retrieved,
  writing: Exclude<Writing, { kind: 'written' }> & { budgetCommands: number },
): QueryFailure {
  const { ask, requestId } = asked;
  const { degraded, used, budgetCommands } = writing;
  const kind = writing.kind === 'interrupted' ? 'generation-interrupted' : 'left';
  const making = describeMaking(services, asked, retrieved, {
    ...{ answer: null, citations: [], generation: 'none', servedBy: null, generationMs: null },
    ...{ degraded, used, budgetCommands },
  });
  const { usage } = withRewriting({ ...making, rewrittenQuestion: null }, asked);
  services.telemetry.count('answers.unfinished', { reason: kind });
  services.telemetry.emit({
    event: 'answer.unfinished',
    requestId,
    namespace: ask.namespace,
    reason: kind,
    model: used.at(-1)?.model ?? null,
    promptTokens: usage.promptTokens,
    completionTokens: usage.completionTokens,
    costUsd: usage.costUsd,
  });
  const all = [...retrieved.degraded, ...degraded];
  reportDegradation(services, ask, requestId, all);
  return { kind, degraded: all };
}
