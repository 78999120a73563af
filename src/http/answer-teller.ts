import type { AnswerListener } from '../query/answer-listener.ts';
import { type AnswerEvent, formatEvent, HEARTBEAT } from './answer-events.ts';
import type { EventChannel } from './event-channel.ts';
import type { ToldEvents } from './replay-answer.ts';

/** Hears of an answer while it is made, and tells it on as events. */
export interface AnswerTeller {
  listener: AnswerListener;
  /** So far. */
  told(): ToldEvents;
}

export function createAnswerTeller(channel: EventChannel): AnswerTeller {
  let state: ToldEvents = { told: 'nothing' };
  const tell = (event: AnswerEvent) => channel.write(formatEvent(event));
  return {
    listener: {
      waiting: () => channel.write(HEARTBEAT),
      sources(passages, rewrittenQuestion) {
        state = { told: 'sources', passages, rewrittenQuestion };
        return tell({ type: 'sources', passages, rewrittenQuestion });
      },
      delta(text) {
        state = { told: 'text' };
        return tell({ type: 'delta', text });
      },
      citation: (citation) => tell({ type: 'citation', citation }),
      signal: channel.signal,
    },
    told: () => state,
  };
}
