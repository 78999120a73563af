import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type * as z from 'zod';
import { dependencySchema, readinessSchema } from '../src/http/dependency-view.ts';
import { documentSchema } from '../src/http/document-view.ts';
import { problemSchema } from '../src/http/errors.ts';
import { searchResultSchema } from '../src/query/answer.ts';
import { startVigil, TEST_KEY, type VigilUnderTest } from './support/vigil-under-test.ts';

let vigil: VigilUnderTest;

const until = { timeout: 25_000, interval: 100 };
const readyInDetail = readinessSchema.options[1];
let questions = 0;

beforeAll(async () => {
  vigil = await startVigil();
  await put('docs', 'a.md');
  await vi.waitFor(async () => expect((await document('docs', 'a.md')).stores).toEqual(EVERYWHERE), until);
}, 60_000);
afterEach(async () => {
  await vigil.control.clearFaults();
  for (const name of [...STORES, 'lexical', 'redis', 'workers-ai', 'catalog']) await order(name, 'released');
});
afterAll(() => vigil.close());

const STORES = ['vectorize', 'vectorize-replica', 'upstash'];
const EVERYWHERE = Object.fromEntries(STORES.map((name) => [name, 'current']));

async function put(namespace: string, id: string) {
  const content = `The lighthouse ${id} has a lamp that burns whale oil.`;
  const init = { method: 'PUT', headers: { 'content-type': 'text/markdown' }, body: content };
  return vigil.fetch(`/v1/namespaces/${namespace}/documents/${id}`, init);
}

async function document(namespace: string, id: string) {
  return documentSchema.parse(await (await vigil.fetch(`/v1/namespaces/${namespace}/documents/${id}`)).json());
}

// Never the same question twice, so that an embedding is asked for each time.
async function search(): Promise<{ status: number; result: z.infer<typeof searchResultSchema> | null }> {
  questions += 1;
  const response = await vigil.fetch('/v1/namespaces/docs/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question: `What does lamp ${questions} burn?` }),
  });
  const body: unknown = await response.json();
  return { status: response.status, result: response.ok ? searchResultSchema.parse(body) : null };
}

async function order(name: string, state: string, headers: Record<string, string> = {}) {
  return vigil.fetch(`/v1/admin/dependencies/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ state }),
  });
}

async function readiness() {
  const response = await vigil.fetch('/health/ready');
  return { status: response.status, view: readyInDetail.parse(await response.json()) };
}

describe('readiness', () => {
  test('is one word for anyone', async () => {
    const response = await vigil.fetchWithoutKey('/health/ready');
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }]);
  });

  test('shows each dependency to those with a key, and refuses a wrong one', async () => {
    await search();
    const { status, view } = await readiness();
    expect(status).toBe(200);
    expect(view).toMatchObject({ status: 'ready', scope: 'isolate' });
    expect(view.dependencies.map(({ name }) => name)).toEqual([
      ...STORES,
      'lexical',
      'catalog',
      'redis',
      'kv',
      'edge-cache',
      'documents',
      'queue',
      'sources',
      'workers-ai',
    ]);
    const [vectorize] = view.dependencies;
    expect(vectorize).toMatchObject({ state: 'closed', circuits: [{ name: 'vectorize', retryAfterMs: null }] });
    expect(vectorize?.circuits[0]?.latency?.samples).toBeGreaterThan(0);
    expect(view.dependencies.at(-1)?.circuits.length).toBe(3);
    const kv = view.dependencies.find(({ name }) => name === 'kv');
    expect(kv?.circuits.map(({ name }) => name)).toEqual(['kv', 'kv:writes']);
    const wrong = await vigil.fetch('/health/ready', { headers: { authorization: `Bearer ${TEST_KEY}x` } });
    expect(wrong.status).toBe(401);
  });

  test('ends when every way to search is isolated, and comes back', async () => {
    for (const name of STORES) await order(name, 'isolated');
    expect((await readiness()).status).toBe(200);
    await order('lexical', 'isolated');
    expect(await readiness()).toMatchObject({ status: 503, view: { status: 'not-ready' } });
    expect((await search()).status).toBe(503);
    await order('vectorize', 'released');
    expect(await readiness()).toMatchObject({ status: 200, view: { status: 'ready' } });
    await expect.poll(async () => (await search()).result?.servedBy.retrieval, until).toBe('vectorize');
  });
});

describe('an order', () => {
  test('takes a dependency out of use, says so in answers, and lets it back in', async () => {
    const response = await order('vectorize', 'isolated');
    expect(response.status).toBe(200);
    const view = dependencySchema.parse(await response.json());
    expect(view).toMatchObject({
      name: 'vectorize',
      state: 'isolated',
      order: { state: 'isolated', changedBy: 'test0001' },
    });
    await vigil.control.resetCounters();
    const { result } = await search();
    expect(result?.servedBy.retrieval).toBe('vectorize-replica');
    expect(result?.degraded).toContainEqual({ step: 'retrieval:vectorize', reason: 'ISOLATED' });
    const { calls } = await vigil.control.counters();
    const isQuery = ({ instance, operation }: (typeof calls)[number]) =>
      instance === 'primary' && operation === 'query';
    expect(calls.filter((call) => call.service === 'vectorize' && isQuery(call))).toEqual([]);
    await order('vectorize', 'released');
    // The first question after the release tries it beside the next one.
    await expect.poll(async () => (await search()).result?.servedBy.retrieval, until).toBe('vectorize');
  });

  test('is obeyed by the ingestion Worker within 5 s, which goes on with the other stores', async () => {
    await order('upstash', 'isolated');
    // The promise is about wall-clock time between two Workers, which no fake clock spans.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await put('docs', 'held.md');
    await vi.waitFor(async () => expect((await document('docs', 'held.md')).stores.vectorize).toBe('current'), until);
    expect((await document('docs', 'held.md')).stores.upstash).toBe('behind');
  });

  test('can be given while Redis is down, and isolate it', async () => {
    await vigil.control.setFault({ target: 'redis', mode: 'hang' });
    expect((await order('redis', 'isolated')).status).toBe(200);
    const { result } = await search();
    expect(result?.servedBy.retrieval).toBe('vectorize');
    expect(result?.degraded).toContainEqual({ step: 'cache:embedding', reason: 'UNAVAILABLE' });
    const { view } = await readiness();
    expect(view.dependencies.find(({ name }) => name === 'redis')?.state).toBe('isolated');
  });

  test.each([
    ['an unknown name', 'vectorise', { state: 'isolated' }, 404, 'DEPENDENCY_NOT_FOUND', 'Did you mean "vectorize"?'],
    ['an unknown state', 'vectorize', { state: 'off' }, 400, 'VALIDATION_FAILED', 'state'],
    ['an unknown field', 'vectorize', { state: 'isolated', why: '' }, 400, 'VALIDATION_FAILED', 'why'],
  ])('for %s is refused', async (_, name, body, status, code, hint) => {
    const response = await vigil.fetch(`/v1/admin/dependencies/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(status);
    const problem = problemSchema.parse(await response.json());
    expect(problem.code).toBe(code);
    expect(problem.detail).toContain(hint);
  });

  test('needs the key', async () => {
    expect((await order('vectorize', 'isolated', { authorization: 'Bearer x' })).status).toBe(401);
  });
});

test('a dependency that keeps failing is left alone, and back within 10 s of its recovery', async () => {
  await vigil.control.setFault({ target: 'vectorize', mode: 'error' });
  const reasons = new Set<string | undefined>();
  for (let n = 0; n < 8; n++) {
    const { result } = await search();
    expect(result?.servedBy.retrieval).toBe('upstash');
    reasons.add(result?.degraded.find(({ step }) => step === 'retrieval:vectorize')?.reason);
  }
  expect([...reasons]).toContain('BREAKER_OPEN');
  const { view } = await readiness();
  expect(view.dependencies[0]?.circuits[0]?.lastError?.class).toBe('transient');
  await vigil.control.clearFaults();
  await vi.waitFor(async () => expect((await search()).result?.servedBy.retrieval).toBe('vectorize'), {
    timeout: 10_000,
    interval: 50,
  });
});
