import type { Answer } from '../query/answer.ts';
import { placeCitations } from '../query/place-citations.ts';
import type { AnswerEvent } from './answer-events.ts';

/** What a stream has told already of the answer it ends with. */
export type ToldEvents =
  | { told: 'nothing' }
  | { told: 'sources'; passages: Answer['passages']; rewrittenQuestion: string | null }
  | { told: 'text' };

/** The rest of a finished answer's events: as if it had been told while it was made. */
export function replayAnswer(answer: Answer, before: ToldEvents): AnswerEvent[] {
  const done: AnswerEvent = { type: 'done', answer };
  if (before.told === 'text') return [done];
  const { passages, rewrittenQuestion, citations } = answer;
  const sources: AnswerEvent[] = hasSources(answer, before) ? [] : [{ type: 'sources', passages, rewrittenQuestion }];
  const told = placeCitations(answer.answer ?? '', citations).map(
    (piece): AnswerEvent =>
      piece.kind === 'text' ? { type: 'delta', text: piece.text } : { type: 'citation', citation: piece.citation },
  );
  return [...sources, ...told, done];
}

function hasSources(answer: Answer, before: ToldEvents): boolean {
  if (before.told !== 'sources' || before.rewrittenQuestion !== answer.rewrittenQuestion) return false;
  const { passages } = before;
  return (
    passages.length === answer.passages.length &&
    passages.every(({ chunkId, text }, index) => {
      const other = answer.passages[index];
      return other?.chunkId === chunkId && other.text === text;
    })
  );
}
