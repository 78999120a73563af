import type { StartTimer } from '../clock.ts';
import { HEARTBEAT } from './answer-events.ts';

/** The body of a streamed response, written at the pace of whoever reads it. */
export interface EventChannel {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves when there is room for the next; at once when nobody reads any more. */
  write(text: string): Promise<void>;
  close(): void;
  /** Resolves with the first thing written. */
  readonly opened: Promise<void>;
  readonly isOpen: boolean;
  /** Aborted when whoever read has left, or takes nothing for too long. */
  readonly signal: AbortSignal;
}

export interface EventChannelOptions {
  /** Of the request. */
  signal: AbortSignal;
  startTimer: StartTimer;
}

/** Of silence before the first event. Connections without traffic are cut by what stands between, some after half a minute. */
export const FIRST_BEAT_MS = 10_000;
/** Of silence after it. Some runtimes learn that a client has left by writing to it, and only so: then a model is stopped. */
export const BEAT_MS = 250;
/** What may wait for a slow reader: some hundred tokens, and the passages before them. */
export const MAX_BUFFERED_BYTES = 65_536;
/** How long a full buffer may stand that nobody reads from. */
export const MAX_STALLED_MS = 30_000;

/**
 * Breaks each silence by a heartbeat. The runtime's versions differ in how they tell of a client that has left, so both
 * ways are heard: the body is cancelled, the request's signal is aborted (https://github.com/cloudflare/workerd/issues/6832).
 */
export function createEventChannel({ signal, startTimer }: EventChannelOptions): EventChannel {
  const encoder = new TextEncoder();
  const leaving = new AbortController();
  const opened = Promise.withResolvers<void>();
  let state: 'quiet' | 'open' | 'over' = 'quiet';
  let room: PromiseWithResolvers<void> | null = null;
  let stalledMs = 0;
  let stopTimer = startTimer(FIRST_BEAT_MS, beat);
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      pull: giveRoom,
      cancel() {
        controller = null;
        leave();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BUFFERED_BYTES }),
  );

  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });

  function giveRoom(): void {
    room?.resolve();
    room = null;
    stalledMs = 0;
  }

  function end(): void {
    state = 'over';
    stopTimer();
    signal.removeEventListener('abort', leave);
    controller?.close();
    controller = null;
    giveRoom();
  }

  function leave(): void {
    if (state === 'over') return;
    end();
    leaving.abort();
  }

  function beat(): void {
    if (room === null) {
      void write(HEARTBEAT);
      return;
    }
    stalledMs += BEAT_MS;
    if (stalledMs >= MAX_STALLED_MS) leave();
    else stopTimer = startTimer(BEAT_MS, beat);
  }

  async function write(text: string): Promise<void> {
    if (state === 'over' || controller === null) return;
    stopTimer();
    stopTimer = startTimer(BEAT_MS, beat);
    controller.enqueue(encoder.encode(text));
    state = 'open';
    opened.resolve();
    if ((controller.desiredSize ?? 0) > 0) return;
    room ??= Promise.withResolvers<void>();
    await room.promise;
  }

  return {
    body,
    write,
    close() {
      if (state !== 'over') end();
    },
    opened: opened.promise,
    get isOpen() {
      return state === 'open';
    },
    signal: leaving.signal,
  };
}
