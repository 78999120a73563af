import type { Answer, Citation } from '../query/answer.ts';
import type { AnswerEvent } from './answer-events.ts';

/** What a stream has told already of the answer it ends with. */
export type ToldEvents =
  | { told: 'nothing' }
  | { told: 'sources'; passages: Answer['passages']; rewrittenQuestion: string | null }
  | { told: 'text' };

const MARKERS = /(?:\[\d{1,3}\])+/g;

/** The rest of a finished answer's events: as if it had been told while it was made. */
export function replayAnswer(answer: Answer, before: ToldEvents): AnswerEvent[] {
  const done: AnswerEvent = { type: 'done', answer };
  if (before.told === 'text') return [done];
  const { passages, rewrittenQuestion, citations } = answer;
  const sources: AnswerEvent[] = hasSources(answer, before) ? [] : [{ type: 'sources', passages, rewrittenQuestion }];
  return [...sources, ...replayText(answer.answer ?? '', citations), done];
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

/** Cut after the numbers that are cited there, each followed by what it stands for. */
function replayText(text: string, citations: readonly Citation[]): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const waiting = [...citations];
  let at = 0;
  const show = (end: number) => {
    if (end > at) events.push({ type: 'delta', text: text.slice(at, end) });
    at = end;
  };
  for (const marker of text.matchAll(MARKERS)) {
    const cited = [...marker[0].matchAll(/\d+/g)].flatMap(([n]) => takeFirst(waiting, Number(n)));
    if (cited.length === 0) continue;
    show(marker.index + marker[0].length);
    events.push(...cited.map((citation): AnswerEvent => ({ type: 'citation', citation })));
  }
  show(text.length);
  return [...events, ...waiting.map((citation): AnswerEvent => ({ type: 'citation', citation }))];
}

/** A number that is cited again stands for the next of its quotes, if there is one. */
function takeFirst(waiting: Citation[], n: number): Citation[] {
  const index = waiting.findIndex((citation) => citation.n === n);
  return index === -1 ? [] : waiting.splice(index, 1);
}
