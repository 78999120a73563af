import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemSchema } from '../src/http/errors.ts';
import { namespaceListSchema, namespaceSchema } from '../src/http/namespace-view.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

let vigil: VigilUnderTest;

beforeAll(async () => {
  vigil = await startVigil();
}, 60_000);
afterAll(() => vigil.close());

const json = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

function put(namespace: string, id: string, content: string, metadata: Record<string, unknown> = {}) {
  const path = `/v1/namespaces/${namespace}/documents/${id}`;
  return vigil.fetch(path, json('PUT', { content, metadata }));
}

async function read(path: string): Promise<{ status: number; body: unknown }> {
  const response = await vigil.fetch(path);
  return { status: response.status, body: await response.json() };
}

async function until(isSo: () => Promise<boolean>, withinMs = 25_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function ready(namespace: string, count: number) {
  await until(async () => {
    const found = namespaceSchema.safeParse((await read(`/v1/namespaces/${namespace}`)).body);
    return found.success && found.data.documents.ready === count;
  });
}

async function idsFound(namespace: string, question: string) {
  const response = await vigil.fetch(`/v1/namespaces/${namespace}/search`, json('POST', { question }));
  const body = (await response.json()) as { passages?: { documentId: string }[]; code?: string };
  return body.code ?? body.passages?.map(({ documentId }) => documentId).sort();
}

async function expectProblem(response: Response, code: string) {
  const problem = problemSchema.parse(await response.json());
  expect(problem.code).toBe(code);
  return problem;
}

describe('a namespace', () => {
  it('is created with its quotas, says what it holds, and refuses what is too much', async () => {
    const created = await vigil.fetch('/v1/namespaces/small', json('PUT', { quotas: { documents: 1, bytes: null } }));
    expect(created.status).toBe(200);
    expect(namespaceSchema.parse(await created.json())).toMatchObject({
      namespace: 'small',
      state: 'active',
      documents: { total: 0 },
      quotas: { documents: 1, chunks: 10_000_000, bytes: null },
    });
    expect((await put('small', 'one', 'A text about lighthouses.')).status).toBe(202);
    const problem = await expectProblem(await put('small', 'two', 'Another text.'), 'QUOTA_EXCEEDED');
    expect(problem).toMatchObject({ status: 409, detail: 'The namespace may hold 1 documents and has 1.' });
    await ready('small', 1);
    expect((await read('/v1/namespaces/small')).body).toMatchObject({
      documents: { total: 1, ready: 1 },
      chunks: 1,
      bytes: 25,
    });
  });

  it('refuses settings that are none', async () => {
    const typo = await vigil.fetch('/v1/namespaces/small', json('PUT', { quota: {} }));
    expect((await expectProblem(typo, 'VALIDATION_FAILED')).detail).toContain('did you mean "quotas"');
    for (const quotas of [{ documents: 0 }, { chunks: -1 }, { bytes: 1.5 }, { vectors: 1 }]) {
      await expectProblem(await vigil.fetch('/v1/namespaces/small', json('PUT', { quotas })), 'VALIDATION_FAILED');
    }
    await expectProblem(await vigil.fetch('/v1/namespaces/none'), 'NAMESPACE_NOT_FOUND');
    await expectProblem(await vigil.fetch('/v1/namespaces/none', { method: 'DELETE' }), 'NAMESPACE_NOT_FOUND');
  });

  it('is listed with the others, page by page', async () => {
    for (const name of ['list-a', 'list-b', 'list-c']) await vigil.fetch(`/v1/namespaces/${name}`, json('PUT', {}));
    const names: string[] = [];
    let cursor: string | null = 'list';
    while (cursor !== null && names.length < 20) {
      const { body } = await read(`/v1/namespaces?limit=2&cursor=${cursor}`);
      const page: { namespaces: { namespace: string }[]; nextCursor: string | null } = namespaceListSchema.parse(body);
      names.push(...page.namespaces.map(({ namespace }) => namespace));
      cursor = page.nextCursor;
    }
    expect(names.filter((name) => name.startsWith('list-'))).toEqual(['list-a', 'list-b', 'list-c']);
    await expectProblem(await vigil.fetch('/v1/namespaces?limit=0'), 'VALIDATION_FAILED');
  });
});

describe('deleting', () => {
  it('(peers 2) by filter, by ids and as a whole is out of answers at once, and then gone', async () => {
    const years = { a: 2010, b: 2024, c: 2015, d: 2024 };
    for (const [id, year] of Object.entries(years)) {
      await put('many', id, `The lighthouse ${id} was lit by oil.`, { year });
    }
    await ready('many', 4);
    expect(await idsFound('many', 'lighthouse oil')).toEqual(['a', 'b', 'c', 'd']);
    const byFilter = await vigil.fetch(
      '/v1/namespaces/many/deletions',
      json('POST', { filter: { year: { lt: 2020 } } }),
    );
    expect(byFilter.status).toBe(202);
    expect(await byFilter.json()).toMatchObject({ matched: 2, state: 'complete' });
    expect(await idsFound('many', 'lighthouse oil')).toEqual(['b', 'd']);
    const byId = await vigil.fetch('/v1/namespaces/many/deletions', json('POST', { ids: ['b'] }));
    expect(await byId.json()).toMatchObject({ matched: 1 });
    expect(await idsFound('many', 'lighthouse oil')).toEqual(['d']);
    await until(async () => (await vigil.fetch('/v1/namespaces/many/documents/a')).status === 404);
    const whole = await vigil.fetch('/v1/namespaces/many', { method: 'DELETE' });
    expect([whole.status, await whole.json()]).toMatchObject([202, { namespace: 'many', state: 'deleting' }]);
    expect(await idsFound('many', 'lighthouse oil')).toBe('NAMESPACE_NOT_FOUND');
    await until(async () => (await vigil.fetch('/v1/namespaces/many')).status === 404);
    expect((await put('many', 'a', 'The lighthouse a was lit by oil.', { year: 2010 })).status).toBe(202);
    await ready('many', 1);
    expect(await idsFound('many', 'lighthouse oil')).toEqual(['a']);
  }, 90_000);

  it('needs to know which documents are meant', async () => {
    const post = (body: unknown) => vigil.fetch('/v1/namespaces/many/deletions', json('POST', body));
    const none = await expectProblem(await post({}), 'VALIDATION_FAILED');
    expect(none.detail).toContain('DELETE /v1/namespaces/many');
    await expectProblem(await post({ filter: {} }), 'VALIDATION_FAILED');
    await expectProblem(await post({ ids: [] }), 'VALIDATION_FAILED');
    await expectProblem(await post({ ids: ['a'], filter: { year: 1 } }), 'VALIDATION_FAILED');
    await expectProblem(await post({ ids: ['a//b'] }), 'VALIDATION_FAILED');
    const tooMany = Array.from({ length: 1_001 }, (_, n) => `${n}`);
    await expectProblem(await post({ ids: tooMany }), 'VALIDATION_FAILED');
    const elsewhere = await vigil.fetch('/v1/namespaces/none/deletions', json('POST', { ids: ['a'] }));
    await expectProblem(elsewhere, 'NAMESPACE_NOT_FOUND');
  });
});

describe('the queue as it runs', () => {
  it('refuses documents while more wait than may, and takes them again when those are done', async () => {
    await vigil.redeploy({ MAX_QUEUE_BACKLOG: '3' });
    const problems: unknown[] = [];
    for (let n = 0; n < 12; n += 1) {
      const response = await put('busy', `${n}`, `Text number ${n} about a bakery.`);
      if (response.status === 202) continue;
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(5);
      problems.push(await expectProblem(response, 'INGESTION_OVERLOADED'));
    }
    expect(problems.length).toBeGreaterThan(0);
    await until(async () => (await put('busy', 'later', 'A text about an orchard.')).status < 400, 40_000);
  }, 90_000);
});
