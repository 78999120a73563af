import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import { createGuardedCalls } from '../../test/support/guarded-calls.ts';
import { systemClock } from '../clock.ts';
import { createOpenAiGenerator, type OpenAiEndpoint } from './openai-generator.ts';

const KEY = 'sk-S3cretS3cretS3cret';
const messages = [{ role: 'user' as const, content: 'What is the secret limit?' }];
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Asked {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

/** An endpoint on loopback that answers as the test wants, and the generator that asks it. */
async function anEndpoint(answer: (response: ServerResponse) => void, parts: Partial<OpenAiEndpoint> = {}) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    asked.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(body) });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // An address is a string only for a pipe.
  const { port } = server.address() as AddressInfo;
  const { callUpstream, telemetry, lines } = createGuardedCalls();
  const endpoint = {
    name: 'openai-fast',
    baseUrl: `http://127.0.0.1:${port}/v1/`,
    key: KEY,
    model: 'gpt',
    price: null,
  };
  const generator = createOpenAiGenerator(
    { ...endpoint, body: {}, ...parts },
    {
      ...{ callUpstream, telemetry, clock: systemClock, timeoutMs: 5_000, idleTimeoutMs: 5_000 },
      defer: (_name, promise) => void promise,
    },
  );
  const options = { maxTokens: 64, firstToken: inSeconds(5), deadline: inSeconds(5) };
  return { asked, lines, start: () => generator.start(messages, options), generator };
}

function stream(response: ServerResponse, ...frames: unknown[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const frame of frames) response.write(`data: ${JSON.stringify(frame)}\n\n`);
}

describe('a model behind an endpoint that speaks OpenAI’s protocol', () => {
  it('is asked for a stream, by its key', async () => {
    const { asked, start } = await anEndpoint((response) => {
      stream(response, { choices: [{ delta: { content: 'Yes.' } }] });
      response.end('data: [DONE]\n\n');
    });
    const started = await start();
    if (!started.ok) throw new Error(`not started: ${started.error.code}`);
    expect(await started.value.next()).toEqual({ kind: 'text', text: 'Yes.' });
    expect(await started.value.next()).toMatchObject({ kind: 'end', usage: { estimated: true } });
    expect(asked).toMatchObject([
      {
        path: '/v1/chat/completions',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: { model: 'gpt', messages, max_tokens: 64, stream: true, stream_options: { include_usage: true } },
      },
    ]);
  });

  it('needs no key, and gets the fields it wants otherwise', async () => {
    const body = { max_tokens: null, max_completion_tokens: 99, temperature: 1 };
    const { asked, start } = await anEndpoint((response) => response.writeHead(500).end(), { key: null, body });
    await start();
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
    expect(asked[0]?.body).toMatchObject({ max_completion_tokens: 99, temperature: 1 });
    expect(asked[0]?.body).not.toHaveProperty('max_tokens');
  });

  it('may answer as a whole', async () => {
    const json = { choices: [{ message: { content: 'Yes.' } }], usage: { prompt_tokens: 1, completion_tokens: 2 } };
    const { start } = await anEndpoint((response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(json));
    });
    const started = await start();
    expect(started.ok && (await started.value.next())).toEqual({ kind: 'text', text: 'Yes.' });
  });

  it.each([
    [301, 'configuration'],
    [400, 'permanent'],
    [401, 'configuration'],
    [403, 'configuration'],
    [404, 'configuration'],
    [408, 'transient'],
    [422, 'permanent'],
    [429, 'rate-limited'],
    [500, 'transient'],
    [503, 'transient'],
  ] as const)('answering with %d fails as %s, and nothing of it is logged', async (status, errorClass) => {
    const { start, lines, asked } = await anEndpoint((response) => {
      response
        .writeHead(status, { 'retry-after': '7', location: '/elsewhere' })
        .end(`${KEY}: What is the secret limit?`);
    });
    expect(await start()).toMatchObject({
      ok: false,
      error: { dependency: 'openai-fast', class: errorClass, code: String(status), retryAfterMs: 7_000 },
    });
    expect(asked).toHaveLength(1);
    expect(lines.join()).toContain(String(status));
    expect(lines.join()).not.toMatch(/S3cret|secret/);
  });

  it.each([
    ['rate_limit_exceeded', 'STREAM_ERROR', 'transient'],
    [429, '429', 'rate-limited'],
    ['503', '503', 'transient'],
  ])('telling of the failure %s within its stream fails, without a word of the vendor’s', async (code, read, kind) => {
    const { start, lines } = await anEndpoint((response) => {
      stream(response, { error: { code, message: 'What is the secret limit?' } });
      response.end();
    });
    expect(await start()).toMatchObject({ ok: false, error: { class: kind, code: read } });
    expect(lines.join()).not.toContain('secret');
  });

  it('whose filter ends the answer has broken off, and before the first word has not answered', async () => {
    const filtered = { choices: [{ delta: {}, finish_reason: 'content_filter' }] };
    const { start } = await anEndpoint((response) => {
      stream(response, { choices: [{ delta: { content: 'Yes' } }] });
      setTimeout(() => stream(response, filtered), 20);
    });
    const started = await start();
    if (!started.ok) throw new Error(`not started: ${started.error.code}`);
    expect(await started.value.next()).toEqual({ kind: 'text', text: 'Yes' });
    expect(await started.value.next()).toMatchObject({ kind: 'failed', error: { code: 'CONTENT_FILTER' } });
    const silent = await anEndpoint((response) => stream(response, filtered));
    expect(await silent.start()).toMatchObject({ ok: false, error: { class: 'permanent', code: 'CONTENT_FILTER' } });
  });

  it.each(['stream', 'whole'])('says when its answer was cut at the most tokens it may have: %s', async (form) => {
    const { start } = await anEndpoint((response) => {
      if (form === 'stream') {
        stream(response, { choices: [{ delta: { content: 'Yes' } }] }, { choices: [{ finish_reason: 'length' }] });
        response.end('data: [DONE]\n\n');
        return;
      }
      const json = { choices: [{ message: { content: 'Yes' }, finish_reason: 'length' }] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
    const started = await start();
    if (!started.ok) throw new Error(`not started: ${started.error.code}`);
    expect(await started.value.next()).toEqual({ kind: 'text', text: 'Yes' });
    expect(await started.value.next()).toMatchObject({ kind: 'end', isCut: true });
  });

  it('that nobody answers for is a lost connection', async () => {
    const { start } = await anEndpoint(() => {}, { baseUrl: 'http://127.0.0.1:1/v1' });
    expect(await start()).toMatchObject({ ok: false, error: { class: 'transient', code: 'NETWORK' } });
  });

  it('is left when it is cancelled', async () => {
    const { promise: left, resolve } = Promise.withResolvers<void>();
    const { start } = await anEndpoint((response) => {
      response.on('close', resolve);
      stream(response, { choices: [{ delta: { content: 'Yes' } }] });
    });
    const started = await start();
    if (!started.ok) throw new Error('not started');
    started.value.cancel();
    await left;
  });
});
