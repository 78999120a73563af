import { BadAnswerError } from '../resilience/bad-answer.ts';

/** Takes the `data` of server-sent events out of text that comes in pieces, cut anywhere. */
export interface SseEvents {
  /** The data of each event that is complete now. */
  push(text: string): string[];
  /** What an end without an empty line has left unfinished. */
  end(): string[];
}

// Of one event: far more than a token needs, and a server that never ends a line fills no memory.
const MAX_EVENT_CHARACTERS = 1_000_000;

/** Only `data` matters to a completion; other fields and comments are passed over. */
export function createSseEvents(): SseEvents {
  let rest = '';
  let data: string[] = [];
  let dataLength = 0;

  function takeEvent(): string[] {
    if (data.length === 0) return [];
    const event = data.join('\n');
    data = [];
    dataLength = 0;
    return [event];
  }

  function takeLine(line: string): string[] {
    if (line === '') return takeEvent();
    if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
    dataLength += line.length;
    return [];
  }

  return {
    push(text) {
      // A carriage return at the very end may be one half of a line break.
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      const events = lines.flatMap(takeLine);
      if (rest.length + dataLength > MAX_EVENT_CHARACTERS) throw new BadAnswerError('an event without an end');
      return events;
    },
    end() {
      const last = rest.replace(/\r$/, '');
      rest = '';
      return [...takeLine(last), ...takeEvent()];
    },
  };
}
