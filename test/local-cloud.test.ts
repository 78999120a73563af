import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestHarness } from 'wrangler';
import { type ControlClient, createControlClient } from '../local/control/control-client.ts';
import { type LocalCloud, startLocalCloud } from '../local/start-cloud.ts';

const DIMENSIONS = 384;
const EMBEDDING_MODEL = 'local/all-MiniLM-L6-v2';

let folder: string;
let cloud: LocalCloud;
let control: ControlClient;
let harness: ReturnType<typeof createTestHarness>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-cloud-'));
  cloud = await startLocalCloud({
    stateDir: join(folder, 'state'),
    embeddingCacheDir: join(folder, 'embeddings'),
    ports: { cloud: 0, redis: 0, vector: 0 },
    visibilityDelayMs: 0,
  });
  control = createControlClient(cloud.urls.cloud);
  harness = createTestHarness({
    root: join(import.meta.dirname, '..'),
    workers: [
      { configPath: 'test/probe.wrangler.toml', vars: cloud.env },
      { configPath: 'local/cloud.wrangler.toml', vars: cloud.env },
    ],
  });
  await harness.listen();
}, 60_000);

afterEach(async () => {
  await control.clearFaults();
  await control.resetCounters();
});

afterAll(async () => {
  await harness.close();
  await cloud.close();
  rmSync(folder, { recursive: true });
});

type Answer = { value: unknown } | { thrown: { name: string; message: string } };

async function call(on: string, method: string, ...args: unknown[]): Promise<Answer> {
  const response = await harness.fetch('/call', { method: 'POST', body: JSON.stringify({ on, method, args }) });
  // The probe's own answer.
  return (await response.json()) as Answer;
}

/** A unit vector along one axis. */
function axis(n: number): number[] {
  return Array.from({ length: DIMENSIONS }, (_, position) => (position === n ? 1 : 0));
}

describe('the binding VECTORIZE in a Worker', () => {
  it('writes and queries plain and typed arrays, each instance by itself', async () => {
    const written = await call('VECTORIZE', 'upsert', [
      { id: 'a', values: { $float32: axis(0) }, namespace: 'n', metadata: { title: 'A' } },
    ]);
    expect(written).toEqual({ value: { mutationId: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
    const query = { topK: 3, namespace: 'n', returnMetadata: true };
    expect(await call('VECTORIZE', 'query', { $float32: axis(0) }, query)).toEqual({
      value: { count: 1, matches: [{ id: 'a', score: 1, namespace: 'n', metadata: { title: 'A' } }] },
    });
    expect(await call('VECTORIZE', 'queryById', 'a')).toMatchObject({ value: { count: 1 } });
    expect(await call('VECTORIZE', 'getByIds', ['a', 'b'])).toMatchObject({ value: [{ id: 'a', values: axis(0) }] });
    expect(await call('VECTORIZE_REPLICA', 'query', axis(0))).toEqual({ value: { count: 0, matches: [] } });
    await call('VECTORIZE', 'deleteByIds', ['a']);
    expect(await call('VECTORIZE', 'describe')).toMatchObject({
      value: { vectorCount: 0, dimensions: DIMENSIONS, processedUpToMutation: expect.any(String) },
    });
  });

  it.each([
    [
      'query',
      [[1]],
      'VECTOR_QUERY_ERROR (code = 40006): invalid query vector, expected 384 dimensions, and got 1 dimensions',
    ],
    [
      'query',
      [axis(0), { returnMetadata: false }],
      'VECTOR_QUERY_ERROR (code = 40026): Failed to parse the request body as JSON: returnMetadata: expected value',
    ],
    [
      'query',
      [axis(0), { returnMetadata: 'some' }],
      'Invalid returnMetadata option. Expected: true, false, "none", "indexed" or "all"; got: some',
    ],
    [
      'getByIds',
      [Array(21).fill('x')],
      'VECTOR_GET_ERROR (code = 40007): too many ids in payload; max id count is 20, got 21',
    ],
    [
      'deleteByIds',
      [Array(101).fill('x')],
      'VECTOR_DELETE_ERROR (code = 40007): too many ids in payload; max id count is 100, got 101',
    ],
    [
      'upsert',
      [[{ id: 'x'.repeat(65), values: axis(0) }]],
      'VECTOR_UPSERT_ERROR (code = 40008): id too long; max is 64 bytes, got 65 bytes',
    ],
    [
      'insert',
      [[{ id: 'x', values: [1] }]],
      'VECTOR_INSERT_ERROR (code = 40012): invalid vector for id="x", expected 384 dimensions, and got 1 dimensions',
    ],
  ])('throws in %s what production throws', async (method, args, message) => {
    expect(await call('VECTORIZE', method, ...args)).toEqual({ thrown: { name: 'Error', message } });
  });

  it.each([
    ['error', 'VECTOR_QUERY_ERROR: Status + 500'],
    ['rate-limited', 'VECTOR_QUERY_ERROR (code = 40041): Too Many Requests'],
    ['garbage', 'Failed to parse body as JSON, got: <!doctype html>'],
  ] as const)('fails as told by the fault %s, and its replica does not', async (mode, message) => {
    await control.setFault({ target: 'vectorize:primary/query', mode });
    expect(await call('VECTORIZE', 'query', axis(0))).toMatchObject({
      thrown: { message: expect.stringContaining(message) },
    });
    expect(await call('VECTORIZE_REPLICA', 'query', axis(0))).toHaveProperty('value');
    expect(await call('VECTORIZE', 'describe')).toHaveProperty('value');
  });
});

describe('the binding AI in a Worker', () => {
  it('embeds with the real model', async () => {
    const answer = await call('AI', 'run', EMBEDDING_MODEL, { text: ['How do I limit a request body?'] });
    expect(answer).toMatchObject({ value: { shape: [1, DIMENSIONS] } });
  });

  it('streams text', async () => {
    const inputs = { messages: [{ role: 'user', content: 'Hello?' }], stream: true };
    const answer = await call('AI', 'run', 'local/passage-composer', inputs);
    expect(answer).toMatchObject({ value: expect.stringMatching(/^data: \{[\s\S]*data: \[DONE\]\n\n$/) });
  });

  it('throws the documented errors', async () => {
    const refused = await call('AI', 'run', '@cf/nobody/nothing', { prompt: 'x' });
    expect(refused).toMatchObject({
      thrown: { name: 'InferenceUpstreamError', message: expect.stringMatching(/^5007: /) },
    });
    await control.setFault({ target: 'ai', mode: 'rate-limited' });
    expect(await call('AI', 'run', EMBEDDING_MODEL, { text: ['x'] })).toMatchObject({
      thrown: { message: expect.stringMatching(/^3040: /) },
    });
  });

  it('hands out garbage as the stream that it is', async () => {
    await control.setFault({ target: 'ai', mode: 'garbage' });
    const answer = await call('AI', 'run', EMBEDDING_MODEL, { text: ['x'] });
    expect(answer).toMatchObject({ value: expect.stringContaining('<html>') });
  });

  it('converts documents to Markdown', async () => {
    const html = { name: 'a.html', blob: { $blob: '<h1>Title</h1><p>Text</p>', type: 'text/html' } };
    expect(await call('AI', 'toMarkdown', html)).toMatchObject({
      value: { name: 'a.html', format: 'markdown', data: expect.stringContaining('# Title') },
    });
  });
});

describe('the official Upstash clients in a Worker', () => {
  it('reads and writes Redis', async () => {
    expect(await call('redis', 'set', 'greeting', { hello: 'world' }, { ex: 60 })).toEqual({ value: 'OK' });
    expect(await call('redis', 'get', 'greeting')).toEqual({ value: { hello: 'world' } });
    expect(await call('redis', 'ttl', 'greeting')).toEqual({ value: 60 });
    const counters = await control.counters();
    expect(counters.redisCommands).toMatchObject({ set: 1, get: 1, ttl: 1 });
  });

  it('gets errors of Redis', async () => {
    await call('redis', 'set', 'text', 'x');
    expect(await call('redis', 'hgetall', 'text')).toMatchObject({
      thrown: { message: expect.stringContaining('WRONGTYPE Operation against a key holding the wrong kind of value') },
    });
  });

  it('reads and writes Upstash Vector, hosted embedding included', async () => {
    expect(await call('vector', 'upsert', [{ id: 'a', vector: axis(0), metadata: { title: 'A' } }])).toEqual({
      value: 'Success',
    });
    await call('vector', 'upsert', [{ id: 'b', data: 'Cats sleep most of the day.' }]);
    await expect
      .poll(() => call('vector', 'query', { data: 'When do cats sleep?', topK: 1 }))
      .toMatchObject({ value: [{ id: 'b', score: expect.closeTo(0.9, 1) }] });
    expect(await call('vector', 'query', { vector: axis(0), topK: 1, includeMetadata: true })).toEqual({
      value: [{ id: 'a', score: 1, metadata: { title: 'A' } }],
    });
  });

  it('gets errors of Upstash Vector', async () => {
    expect(await call('vector', 'query', { vector: [1], topK: 1 })).toMatchObject({
      thrown: { name: 'UpstashError', message: expect.stringMatching(/dimension/) },
    });
  });

  it('throws when connections are refused', async () => {
    await control.setFault({ target: 'vector', mode: 'refused' });
    expect(await call('vector', 'info')).toHaveProperty('thrown');
    await control.clearFaults();
    expect(await call('vector', 'info')).toMatchObject({ value: { dimension: DIMENSIONS } });
  });
});
