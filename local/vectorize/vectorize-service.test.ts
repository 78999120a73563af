import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalRequest } from '../http-service.ts';
import { createManualClock } from '../manual-clock.ts';
import { createVectorizeService, type VectorizeService } from './vectorize-service.ts';

const DELAY_MS = 300;
const EAST = [1, 0, 0];
const NORTH = [0, 1, 0];

let stateDir: string;
let clock: ReturnType<typeof createManualClock>;
let service: VectorizeService;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'vectorize-'));
  clock = createManualClock();
  service = open();
});

afterEach(() => {
  service.close();
  rmSync(stateDir, { recursive: true });
});

function open(): VectorizeService {
  return createVectorizeService({ stateDir, clock, dimensions: 3, metric: 'cosine', visibilityDelayMs: DELAY_MS });
}

function aRequest(operation: string, body: string, instance = 'primary'): LocalRequest {
  return {
    method: 'POST',
    path: `/vectorize/passages/${instance}/${operation}`,
    headers: new Headers(),
    body: new TextEncoder().encode(body),
    signal: new AbortController().signal,
  };
}

async function call(operation: string, body: unknown = {}, instance = 'primary') {
  const response = await service.respond(aRequest(operation, JSON.stringify(body), instance));
  return { status: response.status, body: JSON.parse(String(response.body)) };
}

async function upsert(...vectors: object[]): Promise<string> {
  const { body } = await call('upsert', { vectors });
  return body.mutationId;
}

async function idsOf(query: object, instance = 'primary'): Promise<string[]> {
  const { body } = await call('query', { vector: EAST, topK: 50, ...query }, instance);
  return body.matches.map(({ id }: { id: string }) => id);
}

describe('Vectorize limits', () => {
  const vector = (fields: object = {}) => ({ vectors: [{ id: 'a', values: EAST, ...fields }] });
  const ids = (count: number) => ({ ids: Array.from({ length: count }, (_, n) => `id-${n}`) });
  const manyVectors = (count: number) => ({ vectors: ids(count).ids.map((id) => ({ id, values: EAST })) });
  const advice = 'for a top K up to 100, retry with returnValues=false and returnMetadata=indexed';

  it.each([
    [
      'a vector of another size',
      'query',
      { vector: [1] },
      40006,
      'invalid query vector, expected 3 dimensions, and got 1 dimensions',
    ],
    [
      'an empty vector',
      'query',
      { vector: [] },
      40006,
      'invalid query vector, expected 3 dimensions, and got 0 dimensions',
    ],
    ['topK over 100', 'query', { vector: EAST, topK: 101 }, 40025, 'max top K is 100, but got 101'],
    [
      'topK over 50 with values',
      'query',
      { vector: EAST, topK: 51, returnValues: true },
      40025,
      `with returnValues=true or returnMetadata=all, max top K is 50, but got 51; ${advice}`,
    ],
    ['topK over 50 with all metadata', 'query', { vector: EAST, topK: 51, returnMetadata: 'all' }, 40025, advice],
    [
      'returnMetadata: false',
      'query',
      { vector: EAST, returnMetadata: false },
      40026,
      'Failed to parse the request body as JSON: returnMetadata: expected value',
    ],
    ['topK of zero', 'query', { vector: EAST, topK: 0 }, 40026, 'topK'],
    ['neither vector nor id', 'query', {}, 40026, 'vector'],
    [
      'a long namespace',
      'query',
      { vector: EAST, namespace: 'n'.repeat(65) },
      40009,
      'namespace too long; max is 64 bytes, got 65 bytes',
    ],
    ['an empty filter', 'query', { vector: EAST, filter: {} }, 40026, 'filter: a filter may not be empty'],
    ['a long filter', 'query', { vector: EAST, filter: { a: { $in: ['x'.repeat(2_048)] } } }, 40026, 'filter'],
    ['an unknown id', 'queryById', { vectorId: 'nobody' }, 40005, 'nobody'],
    ['a long id', 'upsert', vector({ id: 'é'.repeat(33) }), 40008, 'id too long; max is 64 bytes, got 66 bytes'],
    [
      'a vector of another size',
      'insert',
      vector({ values: [1, 2] }),
      40012,
      'invalid vector for id="a", expected 3 dimensions, and got 2 dimensions',
    ],
    ['a long namespace', 'upsert', vector({ namespace: 'n'.repeat(65) }), 40009, 'namespace too long'],
    [
      'metadata over 10 KiB',
      'upsert',
      vector({ metadata: { text: 'x'.repeat(10_240) } }),
      40016,
      'oversized metadata for vector id="a"',
    ],
    [
      'null in metadata',
      'upsert',
      vector({ metadata: { title: null } }),
      40023,
      'failed to parse upsert vectors request',
    ],
    ['a number list in metadata', 'upsert', vector({ metadata: { list: [1] } }), 40023, 'failed to parse'],
    ['a metadata key with a dot', 'upsert', vector({ metadata: { 'a.b': 1 } }), 40023, 'failed to parse'],
    ['a metadata key starting with $', 'upsert', vector({ metadata: { $a: 1 } }), 40023, 'failed to parse'],
    [
      'null among the values (NaN in JSON)',
      'insert',
      vector({ values: [1, null, 0] }),
      40023,
      'failed to parse insert vectors request',
    ],
    ['more than 1,000 vectors', 'upsert', manyVectors(1_001), 40007, 'max vector count is 1000, got 1001'],
    ['more than 20 ids', 'getByIds', ids(21), 40007, 'too many ids in payload; max id count is 20, got 21'],
    ['more than 100 ids', 'deleteByIds', ids(101), 40007, 'too many ids in payload; max id count is 100, got 101'],
    ['a long id', 'getByIds', { ids: ['x'.repeat(65)] }, 40008, 'id too long'],
  ])('refuse %s in %s', async (_, operation, body, code, text) => {
    expect(await call(operation, body)).toEqual({ status: 400, body: { code, error: expect.stringContaining(text) } });
  });

  it.each([
    ['topK 50 with values', 'query', { vector: EAST, topK: 50, returnValues: true }],
    ['topK 100 with indexed metadata', 'query', { vector: EAST, topK: 100, returnMetadata: 'indexed' }],
    ['20 ids', 'getByIds', ids(20)],
    ['100 ids', 'deleteByIds', ids(100)],
    ['1,000 vectors', 'upsert', manyVectors(1_000)],
    ['an id of 64 bytes', 'upsert', vector({ id: 'é'.repeat(32) })],
    ['metadata of exactly 10 KiB', 'upsert', vector({ metadata: { text: 'x'.repeat(10_240 - '{"text":""}'.length) } })],
    ['nested metadata and lists of strings', 'upsert', vector({ metadata: { a: { b: 1 }, tags: ['x', 'y'] } })],
  ])('allow %s in %s', async (_, operation, body) => {
    expect((await call(operation, body)).status).toBe(200);
  });

  it('refuse a body that is no JSON', async () => {
    expect((await service.respond(aRequest('query', '{'))).status).toBe(400);
  });

  it('answer 5 matches unless told otherwise', async () => {
    await upsert(...ids(8).ids.map((id) => ({ id, values: EAST })));
    clock.advance(DELAY_MS);
    expect((await call('query', { vector: EAST })).body.count).toBe(5);
  });
});

describe('Vectorize visibility', () => {
  it('shows a write to queries only after the delay, and says up to which mutation it has come', async () => {
    expect((await call('describe')).body).toEqual({
      vectorCount: 0,
      dimensions: 3,
      processedUpToDatetime: null,
      processedUpToMutation: null,
    });
    const first = await upsert({ id: 'a', values: EAST });
    clock.advance(100);
    const second = await upsert({ id: 'b', values: NORTH });
    clock.advance(DELAY_MS - 101);
    expect(await idsOf({})).toEqual([]);
    expect((await call('getByIds', { ids: ['a'] })).body).toEqual([]);

    clock.advance(1);
    expect(await idsOf({})).toEqual(['a']);
    expect((await call('describe')).body).toEqual({
      vectorCount: 1,
      dimensions: 3,
      processedUpToDatetime: new Date(clock.nowMs() - DELAY_MS).toISOString(),
      processedUpToMutation: first,
    });

    clock.advance(100);
    expect(await idsOf({})).toEqual(['a', 'b']);
    expect((await call('describe')).body.processedUpToMutation).toBe(second);
  });

  it('keeps showing a deleted vector until the delay has passed', async () => {
    await upsert({ id: 'a', values: EAST });
    clock.advance(DELAY_MS);
    await call('deleteByIds', { ids: ['a', 'unknown'] });
    expect(await idsOf({})).toEqual(['a']);
    clock.advance(DELAY_MS);
    expect(await idsOf({})).toEqual([]);
  });

  it('processes writes in their order, even when the delay is shortened meanwhile', async () => {
    await upsert({ id: 'a', values: EAST });
    await call('deleteByIds', { ids: ['a'] });
    service.setVisibilityDelayMs(0);
    expect(await idsOf({})).toEqual([]);
    expect((await call('describe')).body.vectorCount).toBe(0);
  });

  it('loses neither processed nor pending writes at a restart', async () => {
    await upsert({ id: 'a', values: [0.6, 0.8, 0], namespace: 'n', metadata: { title: 'A' } });
    clock.advance(DELAY_MS);
    await idsOf({});
    const pending = await upsert({ id: 'b', values: NORTH });
    service.close();
    service = open();
    expect(await idsOf({})).toEqual(['a']);
    clock.advance(DELAY_MS);
    expect(await idsOf({})).toEqual(['a', 'b']);
    expect((await call('describe')).body.processedUpToMutation).toBe(pending);
    const [match] = (await call('query', { vector: EAST, topK: 1, returnMetadata: 'all', returnValues: true })).body
      .matches;
    expect(match).toEqual({
      id: 'a',
      score: Math.fround(0.6),
      namespace: 'n',
      metadata: { title: 'A' },
      values: [Math.fround(0.6), Math.fround(0.8), 0],
    });
  });
});

describe('Vectorize vectors', () => {
  beforeEach(() => service.setVisibilityDelayMs(0));

  it('are ranked by cosine similarity', async () => {
    await upsert(
      { id: 'opposite', values: [-2, 0, 0] },
      { id: 'same', values: [5, 0, 0] },
      { id: 'right', values: [0, 3, 0] },
    );
    const { body } = await call('query', { vector: EAST });
    expect(body).toEqual({
      count: 3,
      matches: [
        { id: 'same', score: 1 },
        { id: 'right', score: 0 },
        { id: 'opposite', score: -1 },
      ],
    });
  });

  it('are left untouched by insert and replaced whole by upsert', async () => {
    await call('insert', { vectors: [{ id: 'a', values: EAST, metadata: { title: 'A', kind: 'x' } }] });
    await call('insert', { vectors: [{ id: 'a', values: NORTH, metadata: { title: 'B' } }] });
    expect((await call('getByIds', { ids: ['a'] })).body).toEqual([
      { id: 'a', values: EAST, metadata: { title: 'A', kind: 'x' } },
    ]);
    await upsert({ id: 'a', values: NORTH, metadata: { title: 'B' } });
    expect((await call('getByIds', { ids: ['a'] })).body).toEqual([
      { id: 'a', values: NORTH, metadata: { title: 'B' } },
    ]);
  });

  it('are found by the vector of another', async () => {
    await upsert({ id: 'a', values: EAST }, { id: 'b', values: NORTH });
    const { body } = await call('queryById', { vectorId: 'b', topK: 1 });
    expect(body.matches).toEqual([{ id: 'b', score: 1 }]);
  });

  it('are found in their namespace only, or in all when none is named', async () => {
    await upsert({ id: 'a', values: EAST, namespace: 'one' }, { id: 'b', values: EAST, namespace: 'two' });
    expect(await idsOf({ namespace: 'one' })).toEqual(['a']);
    expect(await idsOf({ namespace: 'three' })).toEqual([]);
    expect(await idsOf({})).toEqual(['a', 'b']);
  });

  it('belong to one instance', async () => {
    await upsert({ id: 'a', values: EAST });
    expect(await idsOf({}, 'replica')).toEqual([]);
  });

  it('are filtered only by properties indexed before they were written', async () => {
    await upsert({ id: 'before', values: EAST, metadata: { kind: 'x' } });
    await call('create-metadata-index', { propertyName: 'kind', indexType: 'string' });
    await upsert({ id: 'after', values: EAST, metadata: { kind: 'x', other: 'x' } });
    expect(await idsOf({ filter: { kind: 'x' } })).toEqual(['after']);
    expect(await idsOf({ filter: { other: 'x' } })).toEqual([]);
    await upsert({ id: 'before', values: EAST, metadata: { kind: 'x' } });
    expect(await idsOf({ filter: { kind: 'x' } })).toEqual(['after', 'before']);
  });

  it('return indexed metadata alone, cut at 64 bytes', async () => {
    await call('create-metadata-index', { propertyName: 'title', indexType: 'string' });
    await call('create-metadata-index', { propertyName: 'page.n', indexType: 'number' });
    await call('create-metadata-index', { propertyName: 'tags', indexType: 'string' });
    await upsert({
      id: 'a',
      values: EAST,
      metadata: { title: `x${'é'.repeat(40)}`, page: { n: 7, of: 9 }, tags: ['t'], text: 'long' },
    });
    const { body } = await call('query', { vector: EAST, returnMetadata: 'indexed' });
    expect(body.matches[0].metadata).toEqual({ title: `x${'é'.repeat(31)}`, page: { n: 7 } });
  });

  it('have ten metadata indexes at most', async () => {
    for (let n = 0; n < 10; n++) await call('create-metadata-index', { propertyName: `p${n}`, indexType: 'string' });
    expect((await call('create-metadata-index', { propertyName: 'p0', indexType: 'string' })).status).toBe(200);
    expect((await call('create-metadata-index', { propertyName: 'p0', indexType: 'number' })).status).toBe(400);
    expect((await call('create-metadata-index', { propertyName: 'p10', indexType: 'string' })).status).toBe(400);
  });
});

describe('Vectorize calls', () => {
  it('are named by instance and operation, known or not', () => {
    expect(service.callOf(aRequest('query', '', 'replica'))).toEqual({
      service: 'vectorize',
      instance: 'replica',
      operation: 'query',
    });
    expect(service.callOf({ ...aRequest('query', ''), path: '/vectorize' }).operation).toBe('unknown');
  });

  it('fail with a bare 500, and are rate-limited with code 40041', () => {
    const request = aRequest('query', '');
    expect(service.fail('error', request)).toMatchObject({ status: 500, body: 'internal error' });
    expect(service.fail('rate-limited', request)).toMatchObject({
      status: 429,
      body: JSON.stringify({ code: 40041, error: 'Too Many Requests' }),
    });
  });
});
