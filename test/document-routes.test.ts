import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { documentSchema } from '../src/http/document-view.ts';
import { problemSchema } from '../src/http/errors.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

const listSchema = z.object({ documents: z.array(documentSchema), nextCursor: z.string().nullable() });
const chunksSchema = z.object({
  version: z.number().nullable(),
  chunks: z.array(z.object({ n: z.number(), text: z.string(), start: z.number(), end: z.number() })),
  nextCursor: z.string().nullable(),
});

const until = { timeout: 25_000, interval: 100 };

let vigil: VigilUnderTest;

beforeAll(async () => {
  vigil = await startVigil();
}, 60_000);
afterAll(() => vigil.close());

const address = (namespace: string, id: string) => `/v1/namespaces/${namespace}/documents/${encodeURIComponent(id)}`;

async function put(namespace: string, id: string, content: string, metadata: object = {}) {
  const response = await vigil.fetch(address(namespace, id), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content, metadata }),
  });
  expect(response.status).toBe(202);
}

async function get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await vigil.fetch(path);
  const body = await response.text();
  expect(response.status, body).toBe(200);
  return schema.parse(JSON.parse(body));
}

async function problem(path: string, init: RequestInit = {}) {
  const response = await vigil.fetch(path, init);
  const { code, errors } = problemSchema.parse(await response.json());
  return { status: response.status, code, pointers: errors.map(({ pointer }) => pointer) };
}

function post(path: string, body: unknown = null) {
  const headers = { 'content-type': 'application/json' };
  return vigil.fetch(path, { method: 'POST', ...(body !== null && { headers, body: JSON.stringify(body) }) });
}

const stateOf = async (namespace: string, id: string) => (await get(address(namespace, id), documentSchema)).state;

describe('a document', () => {
  test('(peers 11) is there as soon as its PUT has been answered', async () => {
    for (let n = 0; n < 10; n += 1) {
      await put('soon', `d${n}`, `The text of ${n}.`);
      expect(['queued', 'processing', 'ready']).toContain(await stateOf('soon', `d${n}`));
      const { documents } = await get('/v1/namespaces/soon/documents', listSchema);
      expect(documents).toHaveLength(n + 1);
    }
  });

  test('shows its passages page by page', async () => {
    const content = Array.from({ length: 8 }, (_, n) => `# Part ${n}\n\nA text about the ${n}th part.`).join('\n\n');
    await put('cut', 'a/b.md', content);
    const path = `${address('cut', 'a/b.md')}/chunks`;
    await expect.poll(() => stateOf('cut', 'a/b.md'), until).toBe('ready');
    const found: z.infer<typeof chunksSchema>['chunks'] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: z.infer<typeof chunksSchema> = await get(
        `${path}?limit=3${cursor && `&cursor=${cursor}`}`,
        chunksSchema,
      );
      expect(page.version).toBeGreaterThan(0);
      found.push(...page.chunks);
      cursor = page.nextCursor;
    }
    expect(found.length).toBeGreaterThan(3);
    for (const { text, start, end } of found) expect(content.slice(start, end)).toBe(text);
    expect(await problem(`${address('cut', 'none')}/chunks`)).toMatchObject({
      status: 404,
      code: 'DOCUMENT_NOT_FOUND',
    });
    expect(await problem(`${path}?cursor=bm9uZQ`)).toMatchObject({ status: 400, pointers: ['?cursor'] });
  });

  test('that is ready everywhere has nothing to try again', async () => {
    await put('fine', 'a', 'All is well.');
    const path = `${address('fine', 'a')}/retry`;
    // Asked for again and again, what is left of its work is done without waiting.
    await expect.poll(async () => (await post(path)).status, until).toBe(409);
    const { state, stores } = await get(address('fine', 'a'), documentSchema);
    expect([state, ...Object.values(stores)]).toEqual(['ready', 'current', 'current', 'current']);
    expect(await problem(path, { method: 'POST' })).toMatchObject({ status: 409, code: 'NOTHING_TO_RETRY' });
    expect(await problem(`${address('fine', 'none')}/retry`, { method: 'POST' })).toMatchObject({ status: 404 });
    expect((await post('/v1/namespaces/fine/retries', {})).status).toBe(200);
  });

  test('that waits for its next attempt is tried at once when asked for', async () => {
    await vigil.control.setFault({ target: 'ai', mode: 'error' });
    await put('waiting', 'a', 'Nobody has embedded these words before.');
    const failure = async () => (await get(address('waiting', 'a'), documentSchema)).failed?.attempts;
    await expect.poll(failure, until).toBeGreaterThan(0);
    await vigil.control.clearFaults();
    const retried = await post(`${address('waiting', 'a')}/retry`);
    expect(retried.status).toBe(202);
    expect(retried.headers.get('location')).toBe(address('waiting', 'a'));
    await expect.poll(() => stateOf('waiting', 'a'), until).toBe('ready');
  });
});

describe('a list', () => {
  beforeAll(async () => {
    for (const n of [0, 1, 2, 3, 4]) await put('list', `a/${n}`, `The text of ${n}.`, { year: 2020 + n, lang: 'en' });
    await put('list', 'b', 'Der Text von b.', { lang: 'de' });
  });

  const idsOf = async (query: string) => {
    const { documents } = await get(`/v1/namespaces/list/documents?${query}`, listSchema);
    return documents.map(({ id }) => id);
  };

  test('goes through every document by id', async () => {
    const first = await get('/v1/namespaces/list/documents?limit=4', listSchema);
    expect(first.documents[0]).toMatchObject({ id: 'a/0', namespace: 'list', metadata: { year: 2020, lang: 'en' } });
    const second = await get(`/v1/namespaces/list/documents?limit=4&cursor=${first.nextCursor}`, listSchema);
    expect([...first.documents, ...second.documents].map(({ id }) => id)).toEqual([
      ...[0, 1, 2, 3, 4].map((n) => `a/${n}`),
      'b',
    ]);
    expect(second.nextCursor).toBeNull();
  });

  test('is narrowed down by prefix, state and metadata', async () => {
    const filter = (value: object) => `filter=${encodeURIComponent(JSON.stringify(value))}`;
    expect(await idsOf('idPrefix=a%2F&limit=2')).toEqual(['a/0', 'a/1']);
    expect(await idsOf(filter({ lang: 'en', year: { gte: 2023 } }))).toEqual(['a/3', 'a/4']);
    expect(await idsOf(`${filter({ lang: 'de' })}&idPrefix=a`)).toEqual([]);
    await expect.poll(() => idsOf('state=ready'), until).toHaveLength(6);
    expect(await idsOf('state=failed')).toEqual([]);
  });

  test.each([
    ['limit=0', '?limit'],
    ['limit=201', '?limit'],
    ['limit=many', '?limit'],
    ['cursor=nonsense', '?cursor'],
    ['state=lost', '?state'],
    ['filter={', '?filter'],
    [`filter=${encodeURIComponent('{"year": {"min": 1}}')}`, '?filter.year.min'],
    ['prefix=a', '?prefix'],
  ])('with %s is refused', async (query, pointer) => {
    const refused = await problem(`/v1/namespaces/list/documents?${query}`);
    expect(refused).toEqual({ status: 400, code: 'VALIDATION_FAILED', pointers: [pointer] });
  });

  test('of a namespace that was never written to is 404', async () => {
    expect(await problem('/v1/namespaces/nowhere/documents')).toMatchObject({
      status: 404,
      code: 'NAMESPACE_NOT_FOUND',
    });
    const retries = await post('/v1/namespaces/nowhere/retries', {});
    expect(problemSchema.parse(await retries.json()).code).toBe('NAMESPACE_NOT_FOUND');
  });
});

test.each([
  [{ states: ['deleting'] }, '/states/0'],
  [{ states: [] }, '/states'],
  [{ code: ['X'] }, '/code'],
  [{ filter: { a: { $b: 1 } } }, '/filter/a/$b'],
])('retries of %j are refused', async (body, pointer) => {
  const headers = { 'content-type': 'application/json' };
  const refused = await problem('/v1/namespaces/list/retries', { method: 'POST', headers, body: JSON.stringify(body) });
  expect(refused).toEqual({ status: 400, code: 'VALIDATION_FAILED', pointers: [pointer] });
});
