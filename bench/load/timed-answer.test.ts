import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { anAnswer } from '../../test/support/an-answer.ts';
import { askOnce, type Reply } from './timed-answer.ts';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** How a question ends whose stream is these events. */
async function streamed(...events: object[]): Promise<Reply> {
  const server = createServer((_request, response) => {
    const blocks = events.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`: still here\n\n${blocks.join('')}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  // An address is a string only for a pipe.
  const { port } = server.address() as AddressInfo;
  const body = { question: 'Why?', stream: true };
  const { signal } = new AbortController();
  return askOnce({ url: `http://127.0.0.1:${port}`, key: 'key' }, { namespace: 'n', body, timeoutMs: 5_000, signal });
}

const answer = anAnswer({ answer: 'Because [1].' });
const delta = (text: string) => ({ type: 'delta', text });
const problem = (code: string, status: number) => ({
  ...{ type: 'x', title: 'x', status, detail: 'x', code, requestId: 'x', errors: [], retryAfterMs: 0 },
});

it('a stream is answered when its text is that of its answer', async () => {
  expect(await streamed(delta('Because '), delta('[1].'), { type: 'done', answer })).toMatchObject({
    ...{ kind: 'answered', text: 'Because [1].' },
  });
  expect(await streamed(delta('Because'), { type: 'done', answer })).toMatchObject({ kind: 'broken' });
});

it('a stream that tells of its end is interrupted, or failed', async () => {
  const interrupted = { type: 'error', problem: problem('GENERATION_INTERRUPTED', 503) };
  expect(await streamed(delta('Because'), interrupted)).toEqual({ kind: 'interrupted' });
  const failed = { type: 'error', problem: problem('INTERNAL', 500) };
  expect(await streamed(failed)).toMatchObject({ kind: 'failed', status: 500, code: 'INTERNAL' });
});

it('a stream without a last event is broken', async () => {
  expect(await streamed(delta('Because'))).toMatchObject({ kind: 'broken' });
});
