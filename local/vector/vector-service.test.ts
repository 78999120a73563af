import { Index as NodeIndex } from '@upstash/vector';
import { Index as WorkersIndex } from '@upstash/vector/cloudflare';
import { describe, expect, it } from 'vitest';
import { startTestServer, TOKEN } from './vector-test-server.ts';

describe.each([
  ['node', NodeIndex],
  ['cloudflare', WorkersIndex],
])('the official client, %s entry', (_entry, Index) => {
  it('writes, asks and reads back', async () => {
    const { url } = await startTestServer();
    const index = new Index({ url, token: TOKEN });
    expect(await index.upsert({ id: 7, vector: [1, 0], metadata: { city: 'Izmir' }, data: 'a harbour' })).toBe(
      'Success',
    );

    expect(
      await index.query({ vector: [1, 0], topK: 1, includeVectors: true, includeMetadata: true, includeData: true }),
    ).toEqual([{ id: '7', score: 1, vector: [1, 0], metadata: { city: 'Izmir' }, data: 'a harbour' }]);
    expect(await index.query({ vector: [1, 0], topK: 1 })).toEqual([{ id: '7', score: 1 }]);
    expect(await index.fetch([7], { includeMetadata: true })).toEqual([{ id: '7', metadata: { city: 'Izmir' } }]);
  });

  it('gets the documented error for a wrong token', async () => {
    const { url } = await startTestServer();
    const index = new Index({ url, token: 'another' });
    await expect(index.info()).rejects.toThrow('Unauthorized: Invalid auth token');
  });
});

describe('batches of queries', () => {
  it('answers a batch of exactly one flat and longer ones nested', async () => {
    const { index, send } = await startTestServer();
    await index.upsert({ id: 'a', vector: [1, 0] });
    const one = { vector: [1, 0], topK: 1 };
    const hit = { id: 'a', score: 1 };

    expect((await send('POST', '/query', [one])).body).toEqual({ result: [hit] });
    expect((await send('POST', '/query', [one, one])).body).toEqual({ result: [[hit], [hit]] });
    expect(await index.queryMany([one, one])).toEqual([[hit], [hit]]);
  });

  it('gives the client an unnested empty list for a batch of one without hits', async () => {
    const { index } = await startTestServer();
    expect(await index.queryMany([{ vector: [1, 0], topK: 1 }])).toEqual([]);
  });

  it('asks another namespace and applies a filter per query', async () => {
    const { index } = await startTestServer();
    const vectors = [
      { id: 'a', vector: [1, 0], metadata: { n: 1 } },
      { id: 'b', vector: [1, 0], metadata: { n: 2 } },
    ];
    await index.upsert(vectors, { namespace: 'ns' });
    const queries = [1, 2].map((n) => ({ vector: [1, 0], topK: 5, filter: `n = ${n}` }));
    const results = await index.queryMany(queries, { namespace: 'ns' });
    expect(results.map((result) => result.map(({ id }) => id))).toEqual([['a'], ['b']]);
  });
});

describe('namespaces', () => {
  it('keeps vectors of one namespace out of the others', async () => {
    const { index } = await startTestServer();
    await index.upsert({ id: 'x', vector: [1, 0] });
    await index.namespace('left').upsert({ id: 'x', vector: [0, 1] });

    expect(await index.query({ vector: [1, 0], topK: 5 })).toEqual([{ id: 'x', score: 1 }]);
    expect(await index.namespace('left').query({ vector: [1, 0], topK: 5 })).toEqual([{ id: 'x', score: 0.5 }]);
    expect(await index.namespace('never-written').query({ vector: [1, 0], topK: 5 })).toEqual([]);
  });

  it('lists those written to, empties one or all, and deletes', async () => {
    const { index } = await startTestServer();
    for (const name of ['', 'one', 'two words']) await index.upsert({ id: 'x', vector: [1, 0] }, { namespace: name });
    expect(await index.listNamespaces()).toEqual(['', 'one', 'two words']);

    await index.reset({ namespace: 'one' });
    expect(await index.namespace('one').fetch(['x'])).toEqual([null]);
    expect(await index.fetch(['x'])).toEqual([{ id: 'x' }]);

    await index.reset({ all: true });
    expect(await index.fetch(['x'])).toEqual([null]);
    expect(await index.listNamespaces()).toEqual(['', 'one', 'two words']);

    expect(await index.deleteNamespace('one')).toBe('Success');
    expect(await index.listNamespaces()).toEqual(['', 'two words']);
  });

  it('takes the namespace from the path as the client left it, which a hostile name can abuse', async () => {
    const { index } = await startTestServer();
    await index.upsert({ id: 'x', vector: [1, 0] });
    await index.namespace('a/../../reset?all').query({ vector: [1, 0], topK: 1 });
    expect(await index.fetch(['x'])).toEqual([null]);
  });
});

describe('errors', () => {
  const cases: [what: string, path: string, body: unknown, status: number, error: string | RegExp][] = [
    [
      'a vector of the wrong dimension',
      '/upsert',
      { id: 'a', vector: [1] },
      422,
      'Invalid vector dimension: 1, expected: 2',
    ],
    [
      'a query of the wrong dimension',
      '/query',
      { vector: [1, 2, 3] },
      422,
      'Invalid vector dimension: 3, expected: 2',
    ],
    [
      'text for an index without a model',
      '/upsert-data',
      { id: 'a', data: 'x' },
      422,
      /^Embedding data for this index is not allowed/,
    ],
    [
      'a text query of an index without a model',
      '/query-data',
      { data: 'x' },
      422,
      /^Embedding data for this index is not allowed/,
    ],
    ['a sparse vector', '/upsert', { id: 'a', sparseVector: { indices: [1], values: [1] } }, 422, /Sparse/],
    ['no vector', '/upsert', [{ id: 'a' }], 422, /dense vector is required/],
    ['an empty id', '/upsert', { id: '', vector: [1, 0] }, 400, /id: must not be empty/],
    [
      'metadata over 48 KB',
      '/upsert',
      { id: 'a', vector: [1, 0], metadata: { m: 'x'.repeat(48 * 1024) } },
      400,
      /metadata: exceeds 48 KB/,
    ],
    [
      'data over 1 MB',
      '/upsert',
      { id: 'a', vector: [1, 0], data: 'x'.repeat(1024 * 1024 + 1) },
      400,
      /data: exceeds 1 MB/,
    ],
    ['metadata that is no object', '/upsert', { id: 'a', vector: [1, 0], metadata: [1] }, 400, /metadata/],
    ['numbers beyond float32', '/upsert', { id: 'a', vector: [1e39, 0] }, 400, /float32/],
    ['more than 1000 items', '/upsert', Array.from({ length: 1001 }, (_, id) => ({ id, vector: [1, 0] })), 400, /1000/],
    ['topK over 1000', '/query', { vector: [1, 0], topK: 1001 }, 400, /topK/],
    ['topK 0', '/query', { vector: [1, 0], topK: 0 }, 400, /topK/],
    [
      'a bad filter',
      '/query',
      { vector: [1, 0], filter: 'user = "u" AND age = [object]' },
      400,
      "Invalid filter. At line 1:21 token recognition error at: '['",
    ],
    [
      'a bad filter in a batch',
      '/query',
      [{ vector: [1, 0] }, { vector: [1, 0], filter: 'n =' }],
      400,
      /^Invalid filter\./,
    ],
    ['a deletion by ids and prefix', '/delete', { ids: ['a'], prefix: 'a' }, 400, /exactly one/],
    ['a deletion of nothing', '/delete', {}, 400, /exactly one/],
    ['a deletion by an empty filter', '/delete', { filter: ' ' }, 400, /filter: must not be empty/],
    ['a deletion by an empty prefix', '/delete', { prefix: '' }, 400, /prefix: must not be empty/],
    ['a fetch by ids and prefix', '/fetch', { ids: ['a'], prefix: 'a' }, 400, /exactly one/],
    ['a bad cursor', '/range', { cursor: 'x', limit: 1 }, 400, /cursor/],
    ['a range without limit', '/range', { cursor: 0 }, 400, /limit/],
    ['an empty update', '/update', { id: 'a' }, 400, /one of vector, metadata and data/],
    [
      'an unknown namespace to delete',
      '/delete-namespace/ns',
      [],
      404,
      /^Namespace ns for the index \S+ does not exist$/,
    ],
    ['the default namespace to delete', '/delete-namespace', [], 400, /default namespace/],
    ['an unknown endpoint', '/search', {}, 404, 'Not Found'],
    ['a namespace of two segments', '/query/a/b', { vector: [1, 0] }, 404, 'Not Found'],
    ['bad percent-encoding', '/query/%ff', { vector: [1, 0] }, 400, /percent-encoding/],
    ['bad JSON', '/query', '{"vector":', 400, /not valid JSON/],
  ];

  it.each(cases)('refuses %s', async (_what, path, body, status, error) => {
    const { send } = await startTestServer();
    const response = await send('POST', path, body);
    const expectedError = typeof error === 'string' ? error : expect.stringMatching(error);
    expect(response).toEqual({ status, body: { error: expectedError, status } });
  });

  it('refuses a missing or wrong token before anything else', async () => {
    const { send, url } = await startTestServer();
    const refusal = { error: 'Unauthorized: Invalid auth token', status: 401 };
    expect(await send('POST', '/no-such-endpoint', '{', 'wrong')).toEqual({ status: 401, body: refusal });
    expect(await (await fetch(`${url}/info`)).json()).toEqual(refusal);
  });

  it('takes GET, and DELETE where the documentation shows it, and refuses other methods', async () => {
    const { index, send } = await startTestServer();
    await index.upsert({ id: 'a', vector: [1, 0] });
    expect((await send('GET', '/info')).status).toBe(200);
    expect((await send('DELETE', '/delete', ['a'])).body).toEqual({ result: { deleted: 1 } });
    expect(await send('DELETE', '/query', {})).toEqual({
      status: 405,
      body: { error: 'Method Not Allowed', status: 405 },
    });
    expect((await send('PATCH', '/info')).status).toBe(405);
  });

  it('changes nothing when one item of a batch is refused', async () => {
    const { index } = await startTestServer();
    const batch = [
      { id: 'a', vector: [1, 0] },
      { id: 'b', vector: [1] },
    ];
    await expect(index.upsert(batch)).rejects.toThrow('Invalid vector dimension: 1, expected: 2');
    expect(await index.fetch(['a'])).toEqual([null]);
  });
});

describe('calls and faults', () => {
  const request = (path: string) => ({
    method: 'POST',
    path,
    headers: new Headers(),
    body: new Uint8Array(),
    signal: new AbortController().signal,
  });

  it.each([
    ['/query/ns', 'query'],
    ['/reset?all', 'reset'],
    ['/upsert-data', 'upsert-data'],
    ['/', 'unknown'],
    ['/nonsense/ns', 'unknown'],
  ])('counts %s as %s', async (path, operation) => {
    const { service } = await startTestServer();
    expect(service.callOf(request(path))).toEqual({ service: 'vector', instance: 'primary', operation });
  });

  it('fails in the shape of the service', async () => {
    const { service } = await startTestServer();
    const failed = service.fail('error', request('/query'));
    const limited = service.fail('rate-limited', request('/query'));
    expect([failed.status, failed.body]).toEqual([500, '{"status":500,"error":"Internal Server Error"}']);
    expect([limited.status, limited.body]).toEqual([429, '{"status":429,"error":"Too Many Requests"}']);
  });
});
