import type { FlightTurn } from '../cache/flights.ts';
import { deadlineAt } from '../resilience/deadline.ts';
import type { OpenQuestion } from './open-question.ts';
import type { QueryServices } from './query-services.ts';

const LOOK_EVERY_MS = 100;

/**
 * The question of whoever makes an answer that others may wait for. It is wanted until the last of them has left; and while
 * somebody waits, it is made no slower than the model writes: what its own listener has not taken waits for it, which is no
 * more than an answer.
 */
export function whileWanted(
  { clock, flights, wait, defer }: Pick<QueryServices, 'clock' | 'flights' | 'wait' | 'defer'>,
  asked: OpenQuestion,
  turn: FlightTurn,
): OpenQuestion {
  const { listener } = asked;
  const unwanted = new AbortController();
  let look: Promise<void> | null = null;

  /** One timer for all pieces that are not heard yet. */
  function nextLook(): Promise<void> {
    look ??= wait(LOOK_EVERY_MS).then(() => {
      look = null;
    });
    return look;
  }

  async function stopWhenNobodyWaits(): Promise<void> {
    while (flights.isAwaited(turn)) await wait(LOOK_EVERY_MS);
    unwanted.abort();
  }

  async function unlessAwaited(hearing: Promise<void>): Promise<void> {
    let isHeard = false;
    const heard = hearing.then(() => {
      isHeard = true;
    });
    while (!isHeard && !flights.isAwaited(turn)) await Promise.race([heard, nextLook()]);
    if (!isHeard) defer('answer.hearing', heard);
  }

  const hear = listener.isSilent === true ? (hearing: Promise<void>) => hearing : unlessAwaited;
  const onLeaving = () => defer('answer.unwanted', stopWhenNobodyWaits());
  if (listener.signal.aborted) onLeaving();
  else listener.signal.addEventListener('abort', onLeaving, { once: true });
  return {
    ...asked,
    deadline: deadlineAt(clock, asked.deadline.atMs, unwanted.signal),
    listener: {
      waiting: () => listener.waiting(),
      sources: (...told) => hear(listener.sources(...told)),
      delta: (text) => hear(listener.delta(text)),
      citation: (citation) => hear(listener.citation(citation)),
      signal: unwanted.signal,
      isSilent: listener.isSilent === true,
    },
  };
}
