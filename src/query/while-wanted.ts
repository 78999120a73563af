import type { FlightTurn } from '../cache/flights.ts';
import type { AnswerListener } from './answer-listener.ts';
import type { QueryServices } from './query-services.ts';

const LOOK_EVERY_MS = 100;

/** The same listener for whoever makes an answer others may wait for: it is there until the last of them has left. */
export function whileWanted(
  { flights, wait, defer }: Pick<QueryServices, 'flights' | 'wait' | 'defer'>,
  listener: AnswerListener,
  turn: FlightTurn,
): AnswerListener {
  const unwanted = new AbortController();
  async function stopWhenNobodyWaits(): Promise<void> {
    while (flights.isAwaited(turn)) await wait(LOOK_EVERY_MS);
    unwanted.abort();
  }
  const onLeaving = () => defer('answer.unwanted', stopWhenNobodyWaits());
  if (listener.signal.aborted) onLeaving();
  else listener.signal.addEventListener('abort', onLeaving, { once: true });
  return {
    sources: (...told) => listener.sources(...told),
    delta: (text) => listener.delta(text),
    citation: (citation) => listener.citation(citation),
    signal: unwanted.signal,
    isSilent: listener.isSilent === true,
  };
}
