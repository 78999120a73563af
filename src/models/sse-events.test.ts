import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { BadAnswerError } from '../resilience/bad-answer.ts';
import { createSseEvents } from './sse-events.ts';

const lineBreak = fc.constantFrom('\n', '\r\n', '\r');
const oneLine = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));

function readIn(pieces: string[]): string[] {
  const events = createSseEvents();
  return [...pieces.flatMap((piece) => events.push(piece)), ...events.end()];
}

it('finds the same events wherever the text is cut', async () => {
  const event = fc.record({ lines: fc.array(oneLine, { minLength: 1, maxLength: 3 }), end: lineBreak });
  const comment = fc.constantFrom('', ': heartbeat', 'event: message', 'id: 7', 'retry: 10');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(comment, event)), fc.array(fc.nat(40)), async (given, cuts) => {
      const text = given
        .map(([before, { lines, end }]) => {
          const all = [...(before === '' ? [] : [before]), ...lines.map((line) => `data: ${line}`)];
          return `${all.join(end)}${end}${end}`;
        })
        .join('');
      const pieces: string[] = [];
      let rest = text;
      for (const length of cuts) {
        pieces.push(rest.slice(0, length));
        rest = rest.slice(length);
      }
      expect(readIn([...pieces, rest])).toEqual(given.map(([, { lines }]) => lines.join('\n')));
    }),
  );
});

it.each([
  ['data:[DONE]', ['[DONE]']],
  ['data: a\n\ndata: b\r', ['a', 'b']],
  [': only a comment\n\n', []],
  ['<!doctype html>\n\n<p>data: no</p>\n', []],
])('reads %j, whose end nothing marks', (text, events) => {
  expect(readIn([text])).toEqual(events);
});

it.each([
  ['line', 'data: x'],
  ['event', 'data: x\n'],
])('holds no %s that never ends', (_what, piece) => {
  const events = createSseEvents();
  const more = piece.repeat(100_000);
  expect(() => {
    for (let n = 0; n < 10; n++) events.push(more);
  }).toThrow(BadAnswerError);
});
