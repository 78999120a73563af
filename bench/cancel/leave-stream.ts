import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../scripts/api-client.ts';
import { readStreamedAnswer } from '../stack/streamed-answer.ts';

/** When a client leaves its answer. */
export const MOMENTS = ['before its sources', 'after its sources', 'amid its text', 'at its end'] as const;
export type Moment = (typeof MOMENTS)[number];

export interface Leaving {
  namespace: string;
  question: string;
  moment: Moment;
  /** In [0, 1): how long before or after the moment, or in the text. */
  chance: number;
}

export interface Left {
  moment: Moment;
  question: string;
  /** The kinds of events that had come by then. */
  seen: string[];
  /** Of `performance.now()`. */
  atMs: number;
}

const BEFORE_SOURCES_MS = 150;
const AFTER_SOURCES_MS = 60;
// Answers have some forty tokens or more: whoever leaves amid the text leaves before its end.
const MOST_DELTAS = 20;

/** Asks for a stream, and leaves it. */
export async function leaveStream(
  stack: Connection,
  { namespace, question, moment, chance }: Leaving,
  signal: AbortSignal,
): Promise<Left> {
  const leaving = new AbortController();
  const seen: string[] = [];
  const leave = () => leaving.abort();
  if (moment === 'before its sources') void sleep(chance * BEFORE_SOURCES_MS).then(leave);
  try {
    const asked = { namespace, body: { question }, signal: AbortSignal.any([leaving.signal, signal]) };
    for await (const { event } of readStreamedAnswer(stack, asked)) {
      seen.push(event.type);
      const deltas = seen.filter((type) => type === 'delta').length;
      if (moment === 'after its sources' && event.type === 'sources') void sleep(chance * AFTER_SOURCES_MS).then(leave);
      if (moment === 'amid its text' && deltas > chance * MOST_DELTAS) leave();
      if (moment === 'at its end' && event.type === 'done') leave();
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  }
  return { moment, question, seen, atMs: performance.now() };
}
