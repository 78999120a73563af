import type { Answer, Passage } from '../../src/query/answer.ts';
import type { AnswerListener } from '../../src/query/answer-listener.ts';
import { createSilentListener } from '../../src/query/silent-listener.ts';

/** Nobody who hears, and nobody who leaves. */
export function unheard(signal = new AbortController().signal): AnswerListener {
  return createSilentListener(signal);
}

export type Heard =
  | { kind: 'waiting' }
  | { kind: 'sources'; passages: Passage[]; rewrittenQuestion: string | null }
  | { kind: 'delta'; text: string }
  | { kind: 'citation'; citation: Answer['citations'][number] };

export interface ListenerUnderTest extends AnswerListener {
  heard: Heard[];
  text(): string;
  leave(): void;
}

/** Writes down what it hears; `onHearing` may take its time, or make it leave. */
export function aListener(onHearing: (heard: Heard, listener: ListenerUnderTest) => Promise<void> | void = () => {}) {
  const leaving = new AbortController();
  const heard: Heard[] = [];
  const hear = async (one: Heard) => {
    heard.push(one);
    await onHearing(one, listener);
  };
  const listener: ListenerUnderTest = {
    heard,
    text: () => heard.flatMap((one) => (one.kind === 'delta' ? [one.text] : [])).join(''),
    leave: () => leaving.abort(),
    waiting: () => hear({ kind: 'waiting' }),
    sources: (passages, rewrittenQuestion) => hear({ kind: 'sources', passages, rewrittenQuestion }),
    delta: (text) => hear({ kind: 'delta', text }),
    citation: (citation) => hear({ kind: 'citation', citation }),
    signal: leaving.signal,
  };
  return listener;
}
