import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { type LinesEvent, readLines } from './document-lines.ts';

const soon = () => deadlineIn(systemClock, 10_000);
const text = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);

function bodyOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function read(
  chunks: Uint8Array[],
  limits: { maxLineBytes?: number; maxBytes?: number; deadline?: Deadline } = {},
): Promise<LinesEvent[]> {
  return readAll(bodyOf(chunks), limits);
}

async function readAll(body: ReadableStream<Uint8Array>, limits: Partial<Parameters<typeof readLines>[1]>) {
  const events: LinesEvent[] = [];
  for await (const event of readLines(body, { maxLineBytes: 1_000, maxBytes: 10_000, deadline: soon(), ...limits })) {
    events.push(event);
  }
  return events;
}

describe('the lines of a body', () => {
  it('are the same however it is cut into chunks', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '🙂', ' ', '\r', '{'), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 8 }),
        fc.array(fc.nat(60), { maxLength: 6 }),
        async (lines, cuts) => {
          const bytes = new TextEncoder().encode(lines.join('\n'));
          const places = [0, ...cuts.filter((cut) => cut <= bytes.length).sort((a, b) => a - b), bytes.length];
          const chunks = places.slice(1).map((end, n) => bytes.slice(places[n], end));
          const found = (await read(chunks)).map((event) =>
            event.kind === 'line' ? [event.number, text(event.bytes)] : 'cut',
          );
          const expected = lines.flatMap((given, n) => (given.trim() === '' ? [] : [[n + 1, given]]));
          expect(found).toEqual(expected);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it('that are too long are told, and do not take the next one with them', async () => {
    const chunks = ['short\n', 'x'.repeat(600), 'x'.repeat(600), '\nnext'].map((part) =>
      new TextEncoder().encode(part),
    );
    const events = await read(chunks);
    expect(events.map((event) => event.kind === 'line' && text(event.bytes))).toEqual(['short', null, 'next']);
  });

  it('end where the body gets too large, at a line of which nothing was handed on', async () => {
    const chunks = ['one\ntwo\n', 'three\n', 'four\n'].map((part) => new TextEncoder().encode(part));
    const events = await read(chunks, { maxBytes: 15 });
    expect(events.map(({ kind, number }) => [kind, number])).toEqual([
      ['line', 1],
      ['line', 2],
      ['line', 3],
      ['cut', 4],
    ]);
    expect(events.at(-1)).toMatchObject({ by: 'size' });
  });

  it('end when the next does not come in time, and the body is refused', async () => {
    let reason = 'none';
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('one\ntw')),
      cancel: () => {
        reason = 'cancelled';
      },
    });
    const events = await readAll(body, { deadline: deadlineIn(systemClock, 20) });
    expect(events).toEqual([
      { kind: 'line', number: 1, bytes: new TextEncoder().encode('one') },
      { kind: 'cut', number: 2, by: 'deadline' },
    ]);
    expect(reason).toBe('cancelled');
  });
});
