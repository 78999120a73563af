import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { LocalRequest, LocalResponse } from '../http-service.ts';
import { createManualClock } from '../manual-clock.ts';
import { type AiServiceOptions, createAiService } from './ai-service.ts';
import { createEmbeddingPool, type EmbeddingPool, type EmbedOptions } from './embedding-pool.ts';
import { aPdf } from './pdf-fixture.ts';

const EMBEDDER = 'local/all-MiniLM-L6-v2';
const RERANKER = 'local/term-overlap-reranker';
const LEGACY = 'local/passage-composer';
const CHAT = 'local/passage-composer-chat';

const PROMPT = [
  { role: 'system', content: 'Answer from the passages.' },
  {
    role: 'user',
    content:
      '<passage n="1" title="Cookies">\nCookies are set with setCookie.\n</passage>\n' +
      '<passage n="2" title="Body limit">\nThe middleware limits the size of the request body.\n</passage>\n' +
      '<question>How do I limit the body size?</question>',
  },
];
const ANSWER = 'The middleware limits the size of the request body. [2]';

const Embedded = z.object({ shape: z.tuple([z.number(), z.number()]), data: z.array(z.array(z.number())) });
const Reranked = z.object({ response: z.array(z.object({ id: z.number(), score: z.number() })) });
const Legacy = z.object({
  response: z.string(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() }),
});
const Chat = z.object({
  id: z.string(),
  created: z.number(),
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }), finish_reason: z.string() })]),
  usage: Legacy.shape.usage,
});

let embeddingCacheDir: string;
let embeddings: EmbeddingPool;

beforeAll(() => {
  embeddingCacheDir = mkdtempSync(join(tmpdir(), 'vigil-ai-'));
  embeddings = createEmbeddingPool({ embeddingCacheDir });
});

afterAll(async () => {
  await embeddings.close();
  rmSync(embeddingCacheDir, { recursive: true });
});

function aService(options: Partial<AiServiceOptions> = {}) {
  return createAiService({ embeddings, clock: createManualClock(), seed: 7, tokenDelayMs: 0, ...options });
}

function aRequest(body: unknown, options: { path?: string; signal?: AbortSignal } = {}): LocalRequest {
  return {
    method: 'POST',
    path: options.path ?? '/ai/run',
    headers: new Headers(),
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    signal: options.signal ?? new AbortController().signal,
  };
}

function aRun(model: string, inputs: unknown, runOptions?: object, signal?: AbortSignal): LocalRequest {
  return aRequest({ model, inputs, options: runOptions }, signal ? { signal } : {});
}

function bodyOf(response: LocalResponse): unknown {
  if (typeof response.body !== 'string') throw new Error('the body is no JSON text');
  return JSON.parse(response.body);
}

function streamOf(response: LocalResponse): AsyncIterator<Uint8Array> {
  if (typeof response.body === 'string' || response.body instanceof Uint8Array)
    throw new Error('the body is no stream');
  return response.body[Symbol.asyncIterator]();
}

/** The data of every frame, the last of which must be `[DONE]`. */
async function framesOf(response: LocalResponse): Promise<string[]> {
  const stream = streamOf(response);
  let text = '';
  for (let next = await stream.next(); !next.done; next = await stream.next())
    text += new TextDecoder().decode(next.value);
  const frames = text.split('\n\n');
  expect(frames.pop()).toBe('');
  expect(frames.pop()).toBe('data: [DONE]');
  return frames.map((frame) => frame.replace(/^data: /, ''));
}

describe('embeddings', () => {
  it('answers one text and several in the shape of the vendor', async () => {
    const service = aService();
    const one = Embedded.parse(bodyOf(await service.respond(aRun(EMBEDDER, { text: 'cat' }))));
    const several = Embedded.parse(bodyOf(await service.respond(aRun(EMBEDDER, { text: ['kitten', 'cat'] }))));
    expect(one.shape).toEqual([1, 384]);
    expect(several.shape).toEqual([2, 384]);
    expect(several.data[1]).toEqual(one.data[0]);
    expect(bodyOf(await service.respond(aRun(EMBEDDER, { text: 'cat' })))).toHaveProperty('pooling', 'mean');
  });

  it('cuts what is longer than the model reads', async () => {
    const text = 'edge '.repeat(400);
    const response = await aService().respond(aRun(EMBEDDER, { text: [text, `${text} and more`] }));
    const { data } = Embedded.parse(bodyOf(response));
    expect(data[0]).toEqual(data[1]);
  });

  it.each([
    ['101 texts', { text: Array(101).fill('x') }, "Length of '/text' must be <= 100 not met"],
    ['no text', {}, "required properties at '/' are 'text'"],
    ['an empty text', { text: '' }, "Length of '/text' must be >= 1 not met"],
    ['an empty text among others', { text: ['a', ''] }, "Length of '/text/1' must be >= 1 not met"],
    ['an empty list', { text: [] }, "Length of '/text' must be >= 1 not met"],
    ['a number', { text: 5 }, "Type mismatch of '/text', 'number' not in 'string'"],
  ])('refuses %s', async (_, inputs, description) => {
    const response = await aService().respond(aRun(EMBEDDER, inputs));
    expect(response.status).toBe(400);
    expect(bodyOf(response)).toEqual({
      error: { name: 'InferenceUpstreamError', code: 5006, message: expect.stringContaining(description) },
    });
  });
});

describe('the reranker', () => {
  const inputs = {
    query: 'limit the request body size',
    contexts: [
      { text: 'Cookies are set with setCookie.' },
      { text: 'The middleware limits the size of the request body.' },
      { text: 'A body may have many sizes.' },
    ],
  };

  it('orders the contexts by score, naming them by index', async () => {
    const { response } = Reranked.parse(bodyOf(await aService().respond(aRun(RERANKER, inputs))));
    expect(response.map(({ id }) => id)).toEqual([1, 2, 0]);
    for (const { score } of response) expect(score).toSatisfy((value: number) => value >= 0 && value <= 1);
  });

  it('gives only the best `top_k`, the same each time', async () => {
    const service = aService();
    const first = bodyOf(await service.respond(aRun(RERANKER, { ...inputs, top_k: 1 })));
    expect(first).toEqual({ response: [{ id: 1, score: expect.any(Number) }] });
    expect(bodyOf(await service.respond(aRun(RERANKER, { ...inputs, top_k: 1 })))).toEqual(first);
  });

  it('refuses contexts without a query', async () => {
    const response = await aService().respond(aRun(RERANKER, { contexts: inputs.contexts }));
    expect(bodyOf(response)).toHaveProperty('error.message', "5006: Error: required properties at '/' are 'query'");
  });
});

describe('text generation', () => {
  it('answers in the legacy dialect, citing the right passage', async () => {
    const { response, usage } = Legacy.parse(bodyOf(await aService().respond(aRun(LEGACY, { messages: PROMPT }))));
    expect(response).toBe(ANSWER);
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    expect(usage.completion_tokens).toBeGreaterThan(9);
  });

  it('answers in the chat dialect', async () => {
    const body = Chat.parse(bodyOf(await aService().respond(aRun(CHAT, { messages: PROMPT }))));
    expect(body.choices[0]).toEqual({ message: { content: ANSWER }, finish_reason: 'stop' });
    expect(body.created).toBe(Date.UTC(2026, 0, 1) / 1000);
  });

  it('takes a plain prompt, and message content in parts', async () => {
    const service = aService();
    const [, { content } = { content: '' }] = PROMPT;
    const fromPrompt = await service.respond(aRun(LEGACY, { prompt: content }));
    const parts = [{ role: 'user', content: [{ type: 'text', text: content }] }];
    const fromParts = await service.respond(aRun(CHAT, { messages: parts }));
    expect(bodyOf(fromPrompt)).toHaveProperty('response', ANSWER);
    expect(bodyOf(fromParts)).toHaveProperty('choices.0.message.content', ANSWER);
  });

  it('streams legacy frames that join to the same text', async () => {
    const response = await aService().respond(aRun(LEGACY, { messages: PROMPT, stream: true }));
    expect(response.headers).toHaveProperty('content-type', 'text/event-stream');
    const Frame = z.strictObject({ response: z.string(), p: z.string().min(1) });
    const frames = (await framesOf(response)).map((frame) => Frame.parse(JSON.parse(frame)));
    expect(frames.map((frame) => frame.response).join('')).toBe(ANSWER);
    expect(new Set(frames.map((frame) => frame.p.length)).size).toBeGreaterThan(1);
  });

  it('streams chat chunks that join to the same text, with usage at the end when asked', async () => {
    const inputs = { messages: PROMPT, stream: true, stream_options: { include_usage: true } };
    const Chunk = z.object({
      object: z.literal('chat.completion.chunk'),
      choices: z.array(
        z.object({ delta: z.object({ content: z.string().optional() }), finish_reason: z.string().nullable() }),
      ),
      usage: Legacy.shape.usage.nullable(),
    });
    const frames = await framesOf(await aService().respond(aRun(CHAT, inputs)));
    const chunks = frames.map((frame) => Chunk.parse(JSON.parse(frame)));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(ANSWER);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
  });

  it('sends no usage in a chat stream unless asked', async () => {
    const frames = await framesOf(await aService().respond(aRun(CHAT, { messages: PROMPT, stream: true })));
    expect(frames.some((frame) => frame.includes('usage'))).toBe(false);
  });

  it('stops at `max_tokens` and says so', async () => {
    const service = aService();
    const legacy = Legacy.parse(bodyOf(await service.respond(aRun(LEGACY, { messages: PROMPT, max_tokens: 3 }))));
    expect(ANSWER.startsWith(legacy.response)).toBe(true);
    expect(legacy.usage.completion_tokens).toBe(3);
    const chat = Chat.parse(bodyOf(await service.respond(aRun(CHAT, { messages: PROMPT, max_completion_tokens: 3 }))));
    expect(chat.choices[0].finish_reason).toBe('length');
  });

  it('gives the same bytes for the same request and seed', async () => {
    const request = () => aRun(CHAT, { messages: PROMPT, stream: true });
    expect(await framesOf(await aService().respond(request()))).toEqual(
      await framesOf(await aService().respond(request())),
    );
  });

  it('refuses a prompt beyond the context window', async () => {
    const messages = [{ role: 'user', content: 'word '.repeat(30_000) }];
    const response = await aService().respond(aRun(LEGACY, { messages }));
    expect(response.status).toBe(413);
    expect(bodyOf(response)).toHaveProperty('error.code', 5021);
  });

  it('refuses inputs without messages or prompt', async () => {
    const response = await aService().respond(aRun(LEGACY, { question: 'Why?' }));
    expect(bodyOf(response)).toHaveProperty(
      'error.message',
      "5006: Error: oneOf at '/' not met, 0 matches: required properties at '/' are 'messages', required properties at '/' are 'prompt'",
    );
  });
});

describe('capacity', () => {
  it('makes no further frame once the client has left, and frees the slot', async () => {
    const service = aService({ maxConcurrentRuns: 1 });
    const client = new AbortController();
    const stream = streamOf(await service.respond(aRun(LEGACY, { messages: PROMPT, stream: true }, {}, client.signal)));
    expect((await stream.next()).done).toBe(false);
    client.abort();
    expect((await stream.next()).done).toBe(true);
    const next = await service.respond(aRun(LEGACY, { messages: PROMPT }, { rejectIfBusy: true }));
    expect(next.status).toBe(200);
  });

  it('ends the pause before a frame when the client leaves', async () => {
    const service = aService({ tokenDelayMs: 3_600_000 });
    const client = new AbortController();
    const stream = streamOf(await service.respond(aRun(CHAT, { messages: PROMPT, stream: true }, {}, client.signal)));
    const first = stream.next();
    client.abort();
    expect((await first).done).toBe(true);
  });

  it('frees the slot of a stream that nobody began to read', async () => {
    const service = aService({ maxConcurrentRuns: 1 });
    const client = new AbortController();
    await service.respond(aRun(LEGACY, { messages: PROMPT, stream: true }, {}, client.signal));
    client.abort();
    const next = await service.respond(aRun(LEGACY, { messages: PROMPT }, { rejectIfBusy: true }));
    expect(next.status).toBe(200);
  });

  it.each([true, false])(
    'frees the slot of a client that leaves while the model reads (stream: %s)',
    async (stream) => {
      const client = new AbortController();
      const leaving: Pick<EmbeddingPool, 'embed'> = {
        embed: async (texts) => {
          client.abort();
          return embeddings.embed(texts);
        },
      };
      const service = aService({ embeddings: leaving, maxConcurrentRuns: 1, neuronsPerDay: 0.001 });
      const left = await service.respond(aRun(LEGACY, { messages: PROMPT, stream }, {}, client.signal));
      expect(bodyOf(left)).toHaveProperty('error.code', 3008);
      // Neither is the day's allowance spent.
      const next = await service.respond(aRun(LEGACY, { messages: PROMPT }, { rejectIfBusy: true }));
      expect(next.status).toBe(200);
    },
  );

  it('reads ahead of all batches, and no longer than its client stays', async () => {
    const client = new AbortController();
    const asked: EmbedOptions[] = [];
    const reading: Pick<EmbeddingPool, 'embed'> = {
      embed: (_texts, options = {}) => {
        asked.push(options);
        return new Promise((_, reject) => {
          options.signal?.addEventListener('abort', reject);
          client.abort();
        });
      },
    };
    const service = aService({ embeddings: reading, maxConcurrentRuns: 1 });
    const left = await service.respond(aRun(LEGACY, { messages: PROMPT, stream: true }, {}, client.signal));
    expect(bodyOf(left)).toHaveProperty('error.code', 3008);
    expect(asked).toEqual([{ priority: 'reading', signal: expect.any(AbortSignal) }]);
  });

  it('refuses at once with 3040 when busy and asked to, and queues otherwise', async () => {
    const service = aService({ maxConcurrentRuns: 1 });
    const stream = await service.respond(aRun(LEGACY, { messages: PROMPT, stream: true }));
    const refused = await service.respond(aRun(LEGACY, { messages: PROMPT }, { rejectIfBusy: true }));
    expect(refused.status).toBe(429);
    expect(bodyOf(refused)).toEqual({
      error: {
        name: 'InferenceUpstreamError',
        code: 3040,
        message: '3040: Capacity temporarily exceeded, please try again.',
      },
    });
    const queued = service.respond(aRun(LEGACY, { messages: PROMPT }));
    await framesOf(stream);
    expect((await queued).status).toBe(200);
  });

  it('refuses with 3036 once the neurons of the day are spent, until midnight UTC', async () => {
    const clock = createManualClock();
    const service = aService({ clock, neuronsPerDay: 0.001 });
    expect((await service.respond(aRun(LEGACY, { messages: PROMPT }))).status).toBe(200);
    const refused = await service.respond(aRun(LEGACY, { messages: PROMPT }));
    expect(refused.status).toBe(429);
    expect(bodyOf(refused)).toHaveProperty('error.code', 3036);
    clock.advance(86_400_000);
    expect((await service.respond(aRun(LEGACY, { messages: PROMPT }))).status).toBe(200);
  });

  it('refuses generations beyond the limit of any minute, whichever model, and nothing else', async () => {
    const clock = createManualClock();
    const service = aService({ clock });
    const statusOf = async (model: string) => (await service.respond(aRun(model, { messages: PROMPT }))).status;
    service.setGenerationsPerMinute(2);
    expect([await statusOf(LEGACY), await statusOf(CHAT), await statusOf(LEGACY)]).toEqual([200, 200, 429]);
    expect((await service.respond(aRun(EMBEDDER, { text: 'x' }))).status).toBe(200);
    clock.advance(59_999);
    expect(await statusOf(CHAT)).toBe(429);
    clock.advance(1);
    expect(await statusOf(CHAT)).toBe(200);
    service.setGenerationsPerMinute(null);
    for (let n = 0; n < 5; n++) expect(await statusOf(CHAT)).toBe(200);
  });

  it('ends its streams and lets go of what waits when it is closed', async () => {
    const service = aService({ maxConcurrentRuns: 1 });
    const stream = streamOf(await service.respond(aRun(LEGACY, { messages: PROMPT, stream: true })));
    const waiting = service.respond(aRun(LEGACY, { messages: PROMPT }));
    service.close();
    expect((await stream.next()).done).toBe(true);
    await waiting;
  });
});

describe('refusals', () => {
  it.each([
    ['an unknown model', aRun('@cf/baai/bge-m3', { text: 'x' }), 400, '5007: No such model @cf/baai/bge-m3 or task'],
    [
      'a model named like a property of every object',
      aRun('constructor', {}),
      400,
      '5007: No such model constructor or task',
    ],
    ['a body that is not JSON', aRequest('{'), 400, '3003: Request is missing headers or body'],
    ['an empty body', aRequest(''), 400, '3003: Request is missing headers or body'],
    ['a body over 10 MB', aRequest(`"${'x'.repeat(10_000_000)}"`), 413, '3006: Request is too large'],
    ['another path', aRequest({}, { path: '/ai/models' }), 404, '7000: No route for that URI'],
    [
      'files that are not base64',
      aRequest({ files: [{ name: 'a.pdf', mimeType: '', base64: '!' }] }, { path: '/ai/to-markdown' }),
      400,
      '5004: Invalid data type for base64 input',
    ],
  ])('answers %s with the error of the vendor', async (_, request, status, message) => {
    const response = await aService().respond(request);
    expect(response.status).toBe(status);
    expect(bodyOf(response)).toHaveProperty('error.message', message);
  });

  it('fails on demand with an internal error or lack of capacity', () => {
    const service = aService();
    const request = aRun(EMBEDDER, { text: 'x' });
    expect(service.fail('error', request).status).toBe(500);
    expect(bodyOf(service.fail('error', request))).toHaveProperty('error.code', 3043);
    expect(service.fail('rate-limited', request).status).toBe(429);
    expect(bodyOf(service.fail('rate-limited', request))).toHaveProperty('error.code', 3040);
  });

  it('reports a model that broke down as an internal error', async () => {
    const closed = createEmbeddingPool({ embeddingCacheDir });
    await closed.close();
    const response = await aService({ embeddings: closed }).respond(aRun(EMBEDDER, { text: 'x' }));
    expect(response.status).toBe(500);
    expect(bodyOf(response)).toHaveProperty('error.message', '3043: Internal server error');
  });
});

describe('operations, as faults and counters know them', () => {
  it.each([
    [aRun(EMBEDDER, {}), 'embed'],
    [aRun(RERANKER, {}), 'rerank'],
    [aRun(CHAT, {}), 'generate'],
    [aRun('@cf/unknown', { text: 'x' }), 'embed'],
    [aRun('@cf/unknown', { query: 'x', contexts: [] }), 'rerank'],
    [aRun('@cf/unknown', { messages: [] }), 'generate'],
    [aRequest('not JSON'), 'run'],
    [aRequest({ files: [] }, { path: '/ai/to-markdown?x=1' }), 'to-markdown'],
  ])('case %#: %2$s', (request, operation) => {
    expect(aService().callOf(request)).toEqual({ service: 'ai', instance: 'primary', operation });
  });
});

describe('to-markdown', () => {
  it('converts each file on its own, so that one bad file does not spoil the others', async () => {
    const files = [
      { name: 'a.pdf', mimeType: 'application/pdf', base64: Buffer.from(aPdf(['Hello PDF.'])).toString('base64') },
      { name: 'b.doc', mimeType: 'application/msword', base64: 'AAAA' },
      { name: 'c.html', mimeType: 'text/html', base64: Buffer.from('<h2>Hi</h2>').toString('base64') },
    ];
    const response = await aService().respond(aRequest({ files, options: null }, { path: '/ai/to-markdown' }));
    expect(response.status).toBe(200);
    expect(bodyOf(response)).toEqual([
      {
        id: expect.any(String),
        name: 'a.pdf',
        mimeType: 'application/pdf',
        format: 'markdown',
        tokens: expect.any(Number),
        data: expect.stringContaining('Hello PDF.'),
      },
      {
        id: expect.any(String),
        name: 'b.doc',
        mimeType: 'application/msword',
        format: 'error',
        error: 'Unsupported file type: application/msword',
      },
      { id: expect.any(String), name: 'c.html', mimeType: 'text/html', format: 'markdown', tokens: 3, data: '## Hi' },
    ]);
  });
});
