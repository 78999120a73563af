import { describe, expect, it } from 'vitest';
import type { EmbedOptions } from '../ai/embedding-pool.ts';
import type { LocalRequest, LocalResponse } from '../http-service.ts';
import { createManualClock } from '../manual-clock.ts';
import { createOpenAiService, OPENAI_MODEL } from './openai-service.ts';

const embeddings = { embed: async (texts: readonly string[]) => texts.map(() => Float32Array.of(1, 0)) };
const service = createOpenAiService({
  ...{ embeddings, key: 'right', clock: createManualClock(), seed: 7 },
  tokenDelayMs: 0,
});
const messages = [
  {
    role: 'user',
    content: '<passage n="1">\nCats sleep sixteen hours.\n</passage>\n<question>How long do cats sleep?</question>',
  },
];

function aRequest(body: unknown, changes: Partial<LocalRequest> & { key?: string } = {}): LocalRequest {
  const { key = 'right', ...parts } = changes;
  return {
    method: 'POST',
    path: '/openai/v1/chat/completions',
    headers: new Headers({ authorization: `Bearer ${key}` }),
    body: new TextEncoder().encode(JSON.stringify(body)),
    signal: new AbortController().signal,
    ...parts,
  };
}

async function textOf({ body }: LocalResponse): Promise<string> {
  if (typeof body === 'string' || body instanceof Uint8Array) return String(body);
  let text = '';
  for await (const piece of body) text += new TextDecoder().decode(piece);
  return text;
}

describe('the OpenAI-compatible endpoint', () => {
  it('answers whole, and in a stream that ends with the usage', async () => {
    const whole = await service.respond(aRequest({ model: OPENAI_MODEL, messages }));
    expect(JSON.parse(await textOf(whole))).toMatchObject({
      choices: [{ message: { content: 'Cats sleep sixteen hours. [1]' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: expect.any(Number) },
    });
    const asked = { model: OPENAI_MODEL, messages, stream: true, stream_options: { include_usage: true } };
    const streamed = await service.respond(aRequest(asked));
    expect(streamed.headers['content-type']).toMatch('text/event-stream');
    const text = await textOf(streamed);
    const frames = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '']) => JSON.parse(data));
    expect(frames.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Cats sleep sixteen hours. [1]');
    expect(frames.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
  });

  it.each([
    ['a wrong key', aRequest({ model: OPENAI_MODEL, messages }, { key: 'wrong' }), 401],
    ['another model', aRequest({ model: 'gpt', messages }), 404],
    ['another path', aRequest({ model: OPENAI_MODEL, messages }, { path: '/openai/v1/models' }), 404],
    ['no messages', aRequest({ model: OPENAI_MODEL }), 400],
  ])('refuses %s', async (_what, request, status) => {
    const response = await service.respond(request);
    expect(response.status).toBe(status);
    expect(JSON.parse(await textOf(response))).toMatchObject({ error: { message: expect.any(String) } });
  });

  it.each([true, false])('makes no answer for a client that leaves while it reads (stream: %s)', async (stream) => {
    const client = new AbortController();
    const asked: EmbedOptions[] = [];
    const reading = createOpenAiService({
      ...{ key: 'right', clock: createManualClock(), seed: 7 },
      embeddings: {
        embed: (_texts, options = {}) => {
          asked.push(options);
          return new Promise((_, reject) => {
            options.signal?.addEventListener('abort', reject);
            client.abort();
          });
        },
      },
    });
    const body = { model: OPENAI_MODEL, messages, stream };
    const response = await reading.respond(aRequest(body, { signal: client.signal }));
    expect(response).toMatchObject({ status: 499, body: expect.stringContaining('left') });
    expect(asked).toEqual([{ priority: 'reading', signal: expect.any(AbortSignal) }]);
  });

  it('is one service to faults and counters, and says when to come back', () => {
    expect(service.callOf(aRequest({}))).toEqual({ service: 'openai', instance: 'primary', operation: 'generate' });
    expect(service.fail('error', aRequest({})).status).toBe(500);
    expect(service.fail('rate-limited', aRequest({}))).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  });
});
