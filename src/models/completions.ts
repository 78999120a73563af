import { BadAnswerError } from '../resilience/bad-answer.ts';
import { InterruptedError } from '../resilience/interrupted-error.ts';
import { type Completion, joinCompletions, NO_COMPLETION, readCompletion } from './completion.ts';
import { createSseEvents } from './sse-events.ts';

/** A model's answer as it arrives, in whichever form it comes. */
export interface Completions {
  /** `null` after the last; one at a time. Throws `InterruptedError` when the answer breaks off. */
  next(): Promise<Completion | null>;
  /** Nothing of the rest is wanted: a `next` that waits ends. */
  stop(): void;
}

/** The answer of a service that does not stream, whether or not it was asked to. */
export function wholeCompletion(json: unknown): Completions {
  const completion = readCompletion(json);
  let isRead = false;
  return {
    async next() {
      if (isRead) return null;
      isRead = true;
      return completion;
    },
    stop: () => {},
  };
}

const LAST_EVENT = '[DONE]';

/** Server-sent events; all that one network chunk brings is one completion. */
export function streamedCompletions(body: ReadableStream<Uint8Array>): Completions {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const events = createSseEvents();
  const arrived: string[] = [];
  const seen = { anyEvent: false, isFinished: false, isLast: false, isClosed: false };

  function stop(): void {
    // What is broken already has nothing to cancel.
    void reader.cancel().catch(() => {});
  }

  /** Up to an event that cannot be read: what is good before it goes first, and then it throws. */
  function take(): Completion {
    let taken = NO_COMPLETION;
    for (;;) {
      const [event] = arrived;
      if (event === undefined) return taken;
      if (event === LAST_EVENT) {
        seen.isLast = true;
        stop();
        return taken;
      }
      try {
        taken = joinCompletions(taken, readCompletion(JSON.parse(event)));
      } catch (error) {
        if (taken !== NO_COMPLETION) return taken;
        throw error;
      }
      arrived.shift();
      seen.isFinished ||= taken.finish !== null;
    }
  }

  async function read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await reader.read();
    } catch (cause) {
      throw new InterruptedError('the connection broke off', { cause });
    }
  }

  async function receive(): Promise<void> {
    const { done, value } = await read();
    seen.isClosed = done;
    const text = decoder.decode(value, { stream: !done });
    arrived.push(...events.push(text), ...(done ? events.end() : []));
    seen.anyEvent ||= arrived.length > 0;
  }

  return {
    async next() {
      for (;;) {
        const taken = take();
        if (taken !== NO_COMPLETION) return taken;
        if (seen.isLast || (seen.isClosed && seen.isFinished)) return null;
        if (seen.isClosed && !seen.anyEvent) throw new BadAnswerError('no events where a stream of them was expected');
        if (seen.isClosed) throw new InterruptedError('the stream ended before the answer did');
        await receive();
      }
    },
    stop,
  };
}
