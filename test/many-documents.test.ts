import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { problemSchema } from '../src/http/errors.ts';
import { ingestionSchema } from '../src/http/ingestion-view.ts';
import { manyDocumentsSchema } from '../src/http/many-documents-view.ts';
import { manyPlansSchema } from '../src/http/plan-many-documents.ts';
import type { PROBLEMS } from '../src/http/problem-codes.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

const MAX_DOCUMENTS = 30;
const MAX_REQUEST_BYTES = 40_000;

let vigil: VigilUnderTest;

beforeAll(async () => {
  vigil = await startVigil(
    {
      MAX_DOCUMENTS_PER_REQUEST: String(MAX_DOCUMENTS),
      MAX_REQUEST_BYTES: String(MAX_REQUEST_BYTES),
      MAX_DOCUMENT_BYTES: '5000',
    },
    { breakableBindings: true },
  );
}, 60_000);
afterEach(() => vigil.control.clearFaults());
afterAll(() => vigil.close());

const aDocument = (id: string, more: object = {}) => ({ id, content: `The text of ${id}.`, ...more });
const lines = (documents: unknown[]) =>
  documents.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n');

function post(namespace: string, body: BodyInit, contentType: string) {
  const headers = { 'content-type': contentType };
  return vigil.fetch(`/v1/namespaces/${namespace}/documents`, { method: 'POST', headers, body });
}

const postJson = (namespace: string, documents: unknown[]) =>
  post(namespace, JSON.stringify({ documents }), 'application/json');
const postLines = (namespace: string, documents: unknown[]) =>
  post(namespace, lines(documents), 'application/x-ndjson');

async function read(response: Response, status: number) {
  const body = await response.text();
  expect(response.status, body).toBe(status);
  return manyDocumentsSchema.parse(JSON.parse(body));
}

async function expectProblem(response: Response, status: number, code: keyof typeof PROBLEMS) {
  const problem = problemSchema.parse(await response.json());
  expect([response.status, problem.code], problem.detail).toEqual([status, code]);
  return problem;
}

async function ingestion(path: string, query = '') {
  const response = await vigil.fetch(`${path}${query}`);
  expect(response.status).toBe(200);
  return ingestionSchema.parse(await response.json());
}

const until = { timeout: 25_000, interval: 100 };

describe.each([
  ['JSON', postJson],
  ['NDJSON', postLines],
])('many documents as %s', (form, postMany) => {
  const namespace = `many-${form.toLowerCase()}`;

  test('are accepted together, and can be followed until they are ready', async () => {
    const response = await postMany(namespace, [
      aDocument('a/ü.md', { title: 'A' }),
      aDocument('b.txt'),
      aDocument('c'),
    ]);
    const location = response.headers.get('location') ?? '';
    const { id, statusUrl, counts, items, unread } = await read(response, 202);
    expect(location).toBe(`/v1/namespaces/${namespace}/ingestions/${id}`);
    expect(new URL(statusUrl).pathname).toBe(location);
    expect([counts, unread]).toEqual([{ created: 3, updated: 0, unchanged: 0, refused: 0 }, null]);
    expect(items.map(({ index, line, id: given, status, outcome }) => [index, line, given, status, outcome])).toEqual([
      [0, form === 'JSON' ? null : 1, 'a/ü.md', 202, 'created'],
      [1, form === 'JSON' ? null : 2, 'b.txt', 202, 'created'],
      [2, form === 'JSON' ? null : 3, 'c', 202, 'created'],
    ]);
    expect(items[0]?.document).toMatchObject({ state: 'queued', title: 'A', outcome: 'created' });

    await expect.poll(async () => (await ingestion(location)).isDone, until).toBe(true);
    const done = await ingestion(location);
    expect(done).toMatchObject({ id, namespace, total: 3, nextCursor: null });
    expect(done.counts).toEqual({
      queued: 0,
      processing: 0,
      ready: 3,
      failed: 0,
      superseded: 0,
      deleted: 0,
      refused: 0,
    });
    expect(done.items.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
  });

  test('sent again do no harm: all are unchanged', async () => {
    const documents = [aDocument('x'), aDocument('y')];
    await read(await postMany(namespace, documents), 202);
    const { counts, items } = await read(await postMany(namespace, documents), 200);
    expect(counts).toEqual({ created: 0, updated: 0, unchanged: 2, refused: 0 });
    expect(items.map(({ status }) => status)).toEqual([200, 200]);
    const changed = await read(await postMany(namespace, [documents[0], aDocument('y', { title: 'Y' })]), 202);
    expect(changed.items.map(({ outcome }) => outcome)).toEqual(['unchanged', 'updated']);
  });

  test('(peers 12) say of each what became of it, whatever became of the others', async () => {
    const mixed = [
      aDocument('good'),
      aDocument('empty', { content: '***' }),
      aDocument('wrong', { titles: 'x' }),
      aDocument('a/../b'),
      { content: 'without id' },
      'no object'.length,
      aDocument('good', { content: 'Another text.' }),
      aDocument('large', { content: 'x'.repeat(5_001) }),
      aDocument('fine'),
      aDocument('much', { metadata: { a: 'x'.repeat(900), b: 'x'.repeat(900), c: 'x'.repeat(900) } }),
    ];
    const { counts, items, id } = await read(await postMany(namespace, mixed), 202);
    expect(counts).toEqual({ created: 2, updated: 0, unchanged: 0, refused: 8 });
    expect(items.map(({ status, outcome, problem }) => outcome ?? `${status} ${problem?.code}`)).toEqual([
      'created',
      '422 DOCUMENT_EMPTY',
      '400 VALIDATION_FAILED',
      '400 INVALID_DOCUMENT_ID',
      '400 VALIDATION_FAILED',
      '400 VALIDATION_FAILED',
      '400 DUPLICATE_DOCUMENT_ID',
      '413 BODY_TOO_LARGE',
      'created',
      '422 METADATA_TOO_LARGE',
    ]);
    expect(items[2]?.problem?.errors).toEqual([
      { pointer: '/titles', detail: 'is not a known field; did you mean "title"?' },
    ]);
    for (const { document, problem } of items) expect([document, problem]).toContain(null);
    const refused = await ingestion(`/v1/namespaces/${namespace}/ingestions/${id}`, '?state=refused');
    expect(refused.items.map(({ index, code }) => [index, code]).slice(0, 2)).toEqual([
      [1, 'DOCUMENT_EMPTY'],
      [2, 'VALIDATION_FAILED'],
    ]);
    expect(refused.counts.refused).toBe(8);
  });

  test('(peers 12) of which none is accepted are a failure, with the reason they share', async () => {
    const empty = await postMany(namespace, [aDocument('e1', { content: '-' }), aDocument('e2', { content: '-' })]);
    const problem = await expectProblem(empty, 422, 'DOCUMENT_EMPTY');
    expect(problem.errors.map(({ pointer }) => pointer)).toEqual(
      form === 'JSON' ? ['/documents/0', '/documents/1'] : ['/0', '/1'],
    );
    const wrong = await postMany(namespace, [aDocument('w', { url: 'x' })]);
    expect((await expectProblem(wrong, 400, 'VALIDATION_FAILED')).errors[0]?.pointer).toBe(
      form === 'JSON' ? '/documents/0/url' : '/0/url',
    );
    const several = await postMany(namespace, [aDocument('w', { url: 'x' }), aDocument('e', { content: '-' })]);
    await expectProblem(several, 422, 'DOCUMENTS_REFUSED');
    await expectProblem(await postMany(namespace, []), 400, 'VALIDATION_FAILED');
  });

  test('that are unchanged or refused are neither accepted nor all well', async () => {
    await read(await postMany(namespace, [aDocument('same')]), 202);
    const response = await postMany(namespace, [aDocument('same'), aDocument('empty', { content: '-' })]);
    expect(response.headers.get('location')).toBeNull();
    const { items } = await read(response, 207);
    expect(items.map(({ status }) => status)).toEqual([200, 422]);
  });

  test('while the catalog is down are refused with a time to come back', async () => {
    await vigil.control.setFault({ target: 'd1:catalog', mode: 'error' });
    const response = await postMany(namespace, [aDocument('down'), aDocument('down2')]);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectProblem(response, 503, 'STORAGE_UNAVAILABLE');
  });
});

describe('a request', () => {
  test('of more documents than allowed is refused as a whole in JSON', async () => {
    const documents = Array.from({ length: MAX_DOCUMENTS + 1 }, (_, n) => aDocument(`n${n}`));
    const problem = await expectProblem(await postJson('limits', documents), 413, 'TOO_MANY_DOCUMENTS');
    expect(problem.detail).toContain(`${MAX_DOCUMENTS} documents (MAX_DOCUMENTS_PER_REQUEST)`);
    expect((await vigil.fetch('/v1/namespaces/limits/documents/n0')).status).toBe(404);
  });

  test('of more lines than allowed keeps what was accepted, and says where to go on', async () => {
    const documents = Array.from({ length: MAX_DOCUMENTS + 5 }, (_, n) => aDocument(`n${n}`));
    const { counts, items, unread } = await read(await postLines('limits', ['', ...documents]), 202);
    expect(counts.created).toBe(MAX_DOCUMENTS);
    expect(items.at(-1)).toMatchObject({ id: `n${MAX_DOCUMENTS - 1}`, line: MAX_DOCUMENTS + 1 });
    expect(unread).toMatchObject({ line: MAX_DOCUMENTS + 2, problem: { status: 413, code: 'TOO_MANY_DOCUMENTS' } });
    const rest = await read(await postLines('limits', documents.slice(MAX_DOCUMENTS)), 202);
    expect(rest.counts.created).toBe(5);
  });

  test.each([
    ['JSON', 'application/json'],
    ['NDJSON', 'application/x-ndjson'],
  ])('that says to be larger than allowed is refused before anything of it is accepted: %s', async (_, type) => {
    const documents = Array.from({ length: 10 }, (_, n) => aDocument(`size${n}`, { content: 'word '.repeat(900) }));
    const body = type === 'application/json' ? JSON.stringify({ documents }) : lines(documents);
    const problem = await expectProblem(await post('limits', body, type), 413, 'BODY_TOO_LARGE');
    expect(problem.detail).toContain(`${MAX_REQUEST_BYTES} bytes (MAX_REQUEST_BYTES)`);
    expect((await vigil.fetch('/v1/namespaces/limits/documents/size0')).status).toBe(404);
  });

  test('in JSON that gets larger than allowed on its way is refused with the name of the limit', async () => {
    const documents = Array.from({ length: 10 }, (_, n) => aDocument(`grown${n}`, { content: 'word '.repeat(900) }));
    const body = new Blob([JSON.stringify({ documents })]).stream();
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body, duplex: 'half' };
    const answer = await vigil.fetch('/v1/namespaces/limits/documents', init);
    const problem = await expectProblem(answer, 413, 'BODY_TOO_LARGE');
    expect(problem.detail).toContain(`${MAX_REQUEST_BYTES} bytes (MAX_REQUEST_BYTES)`);
  });

  test('that gets larger than allowed on its way keeps what was accepted, and says where to go on', async () => {
    const documents = Array.from({ length: 12 }, (_, n) => aDocument(`stream${n}`, { content: 'word '.repeat(900) }));
    const body = new ReadableStream({
      async start(controller) {
        for (const document of documents) {
          controller.enqueue(new TextEncoder().encode(`${JSON.stringify(document)}\n`));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        controller.close();
      },
    });
    const headers = { 'content-type': 'application/x-ndjson' };
    const init = { method: 'POST', headers, body, duplex: 'half' };
    const { items, unread } = await read(await vigil.fetch('/v1/namespaces/limits/documents', init), 202);
    expect(unread).toMatchObject({ problem: { status: 413, code: 'BODY_TOO_LARGE' } });
    expect(items.length).toBeGreaterThan(3);
    expect(unread?.line).toBe(items.length + 1);
  });

  test('whose end the catalog does not live to see is refused, and can be sent again', async () => {
    const namespace = 'unrecorded';
    const documents = [aDocument('a'), aDocument('b')];
    const isAccepted = async () => (await vigil.fetch(`/v1/namespaces/${namespace}/documents/b`)).status;
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode(`${lines(documents)}\n`));
        await expect.poll(isAccepted, until).toBe(200);
        await vigil.control.setFault({ target: 'd1:catalog', mode: 'error' });
        controller.close();
      },
    });
    const headers = { 'content-type': 'application/x-ndjson' };
    const init = { method: 'POST', headers, body, duplex: 'half' };
    const response = await vigil.fetch(`/v1/namespaces/${namespace}/documents`, init);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectProblem(response, 503, 'INGESTION_NOT_RECORDED');
    await vigil.control.clearFaults();
    // The breaker has to notice.
    await expect.poll(async () => (await postLines(namespace, documents)).status, until).toBe(200);
    const { counts, id } = await read(await postLines(namespace, documents), 200);
    expect(counts.unchanged).toBe(2);
    expect((await ingestion(`/v1/namespaces/${namespace}/ingestions/${id}`)).total).toBe(2);
  });

  test('with lines that are no JSON names them, and takes the others', async () => {
    const { items } = await read(
      await postLines('broken', [aDocument('a'), '{"id": "b", "content', '[]', aDocument('c')]),
      202,
    );
    expect(items.map(({ line, status, problem }) => [line, status, problem?.code ?? null])).toEqual([
      [1, 202, null],
      [2, 400, 'INVALID_JSON'],
      [3, 400, 'VALIDATION_FAILED'],
      [4, 202, null],
    ]);
  });

  test.each([
    ['cut JSON', '{"documents": [', 'application/json', 400, 'INVALID_JSON'],
    [
      'another field',
      '{"documents": [{"id":"a","content":"b"}], "x": 1}',
      'application/json',
      400,
      'VALIDATION_FAILED',
    ],
    ['no list', '{"documents": {}}', 'application/json', 400, 'VALIDATION_FAILED'],
    ['plain text', 'text', 'text/plain', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ] as const)('of %s is refused', async (_, body, type, status, code) => {
    await expectProblem(await post('limits', body, type), status, code);
  });
});

describe('an ingestion', () => {
  test('is read in pages, and only in its own namespace', async () => {
    const documents = Array.from({ length: 25 }, (_, n) => aDocument(`p${n}`));
    const { id } = await read(await postLines('paged', documents), 202);
    const path = `/v1/namespaces/paged/ingestions/${id}`;
    const found: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await ingestion(path, `?limit=10${cursor && `&cursor=${cursor}`}`);
      expect(page.total).toBe(25);
      expect(z.number().parse(Object.values(page.counts).reduce((sum, count) => sum + count))).toBe(25);
      found.push(...page.items.map(({ index }) => index));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(documents.map((_, n) => n));
    await expectProblem(await vigil.fetch(`/v1/namespaces/other/ingestions/${id}`), 404, 'INGESTION_NOT_FOUND');
    await expectProblem(await vigil.fetch(`${path}?cursor=x`), 400, 'VALIDATION_FAILED');
  });

  test('says what has been replaced or deleted since', async () => {
    const { id } = await read(
      await postJson('since', [aDocument('kept'), aDocument('changed'), aDocument('gone')]),
      202,
    );
    const put = { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'Another text.' };
    await vigil.fetch('/v1/namespaces/since/documents/changed', put);
    await vigil.fetch('/v1/namespaces/since/documents/gone', { method: 'DELETE' });
    const path = `/v1/namespaces/since/ingestions/${id}`;
    await expect.poll(async () => (await ingestion(path)).isDone, until).toBe(true);
    expect((await ingestion(path)).items.map(({ state }) => state)).toEqual(['ready', 'superseded', 'deleted']);
    const gone = () => vigil.fetch('/v1/namespaces/since/documents/gone');
    await expect.poll(async () => (await gone()).status, until).toBe(404);
    expect((await ingestion(path)).counts).toMatchObject({ ready: 1, superseded: 1, deleted: 1 });
  });
});

describe('a dry run of many documents', () => {
  async function plan(documents: unknown[]) {
    const path = '/v1/namespaces/planned/documents?dryRun=true';
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = await vigil.fetch(path, { method: 'POST', headers, body: lines(documents) });
    expect(response.status).toBe(200);
    return manyPlansSchema.parse(await response.json());
  }

  test('says of each what it would come to, and of all together', async () => {
    const same = aDocument('same');
    await read(await postLines('planned', [same]), 202);
    const { items, totals } = await plan([aDocument('a'), same, aDocument('empty', { content: '-' }), '[]']);
    expect(items.map(({ line, id, plan, problem }) => [line, id, plan?.outcome ?? problem?.code])).toEqual([
      [1, 'a', 'created'],
      [2, 'same', 'unchanged'],
      [3, 'empty', 'DOCUMENT_EMPTY'],
      [4, null, 'VALIDATION_FAILED'],
    ]);
    const [first] = items;
    expect(totals).toMatchObject({ documents: 1, chunks: 1, tokensToEmbed: first?.plan?.tokens.toEmbed, unplanned: 0 });
    expect((await vigil.fetch('/v1/namespaces/planned/documents/a')).status).toBe(404);
  });

  test('says how many its sums do without', async () => {
    await vigil.control.setFault({ target: 'd1:catalog', mode: 'error' });
    const { items, totals } = await plan([aDocument('a'), aDocument('b'), aDocument('empty', { content: '-' })]);
    expect(items.map(({ problem }) => problem?.code)).toEqual([
      'DRY_RUN_UNAVAILABLE',
      'DRY_RUN_UNAVAILABLE',
      'DOCUMENT_EMPTY',
    ]);
    expect(totals).toMatchObject({ documents: 0, costUsd: 0, unplanned: 2 });
  });
});
