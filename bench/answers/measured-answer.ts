import { answerSchema } from '../../src/query/answer.ts';
import type { LabelledQuestion } from './labelled-questions.ts';

/** One question's answer, judged by what is known of the question. */
export interface MeasuredAnswer extends Pick<LabelledQuestion, 'id' | 'question' | 'kind' | 'half'> {
  refused: boolean;
  reason: string | null;
  /** Of citations in order of appearance: whether they are from a document that answers. */
  rightCitations: boolean[];
  citations: number;
  /** Quotes that are not in the document where the citation says. */
  wrongQuotes: number;
  sentences: number;
  unsupported: number;
  generation: string;
  degraded: number;
  totalMs: number;
}

/** @throws ZodError when it is no answer */
export function measureAnswer(
  labelled: LabelledQuestion,
  json: unknown,
  textOf: (documentId: string) => string | undefined,
): MeasuredAnswer {
  const answer = answerSchema.parse(json);
  const { id, question, kind, half, documents } = labelled;
  return {
    ...{ id, question, kind, half },
    refused: answer.refused,
    reason: answer.reason,
    rightCitations: answer.citations.map(({ documentId }) => documents.includes(documentId)),
    citations: answer.citations.length,
    wrongQuotes: answer.citations.filter(
      ({ documentId, start, end, quote }) => textOf(documentId)?.slice(start, end) !== quote,
    ).length,
    sentences: answer.support?.sentences.length ?? 0,
    unsupported: answer.support?.sentences.filter(({ supported }) => !supported).length ?? 0,
    generation: answer.generation,
    degraded: answer.degraded.length,
    totalMs: answer.timings.totalMs,
  };
}
