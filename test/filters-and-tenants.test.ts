import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { documentSchema } from '../src/http/document-view.ts';
import { searchResultSchema } from '../src/query/answer.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

let vigil: VigilUnderTest;

// Both have the same documents under the same ids, but for the owner's name in the text.
const OWNERS = { tenant: 'Aster', 'tenant-2': 'Borage' } as const;
const DOCUMENTS = [
  { id: 'fees.md', metadata: { lang: 'en', year: 2024, tags: ['billing', 'fees'] } },
  { id: "o'fees.md", metadata: { lang: 'en', year: 2019, tags: ['billing'], note: 'it\'s "quoted" \\ 100%' } },
  { id: 'gebühren.md', metadata: { lang: 'de', year: 2024, draft: true } },
  { id: 'bare.md', metadata: {} },
];

beforeAll(async () => {
  vigil = await startVigil();
  for (const [namespace, owner] of Object.entries(OWNERS)) {
    for (const { id, metadata } of DOCUMENTS) await put(namespace, id, owner, metadata);
  }
  for (const namespace of Object.keys(OWNERS)) {
    for (const { id } of DOCUMENTS) await vi.waitFor(() => expectEverywhere(namespace, id), until);
  }
}, 120_000);
afterEach(() => vigil.control.clearFaults());
afterAll(() => vigil.close());

const until = { timeout: 40_000, interval: 200 };
const pathOf = (namespace: string, id: string) => `/v1/namespaces/${namespace}/documents/${encodeURIComponent(id)}`;

async function put(namespace: string, id: string, owner: string, metadata: object): Promise<void> {
  const content = `# Fees of ${owner}\n\nThe yearly fee of ${owner} is due in March, says ${id}.`;
  const response = await vigil.fetch(pathOf(namespace, id), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content, metadata }),
  });
  expect(response.status).toBe(202);
}

async function expectEverywhere(namespace: string, id: string): Promise<void> {
  const document = documentSchema.parse(await (await vigil.fetch(pathOf(namespace, id))).json());
  expect(document).toMatchObject({
    state: 'ready',
    stores: { vectorize: 'current', 'vectorize-replica': 'current', upstash: 'current' },
  });
}

async function search(namespace: string, options: object) {
  const response = await vigil.fetch(`/v1/namespaces/${namespace}/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'When is the yearly fee due?', ...options }),
  });
  expect(response.status).toBe(200);
  const result = searchResultSchema.parse(await response.json());
  const { retrieval } = result.servedBy;
  return { ...result, retrieval, ids: result.passages.map(({ documentId }) => documentId).sort() };
}

// How each place where passages come from is made to serve alone.
const places = [
  { place: 'vectorize', faults: [], retrieval: 'vector' },
  { place: 'vectorize-replica', faults: ['vectorize:primary'], retrieval: 'vector' },
  { place: 'upstash', faults: ['vectorize'], retrieval: 'vector' },
  { place: 'upstash', faults: ['ai/embed'], retrieval: 'vector' },
  { place: 'lexical', faults: ['vectorize', 'vector'], retrieval: 'hybrid' },
] as const;

describe.each(places)('served by $place with $faults broken', ({ place, faults, retrieval }) => {
  async function found(namespace: string, filter: object | null) {
    for (const target of faults) await vigil.control.setFault({ target, mode: 'error' });
    const result = await search(namespace, { retrieval, filter, cache: 'no-store' });
    expect(result.retrieval).toBe(place);
    return result;
  }

  test.each(Object.entries(OWNERS))('(peers 23) nobody but %s is in its passages', async (namespace, owner) => {
    for (const filter of [null, { lang: { ne: 'xx' } }, { namespace: { exists: false } }]) {
      const { passages } = await found(namespace, filter);
      expect(passages).toHaveLength(DOCUMENTS.length);
      for (const { text } of passages) expect(text).toContain(owner);
    }
  });

  test.each([
    [{ lang: 'en' }, ['fees.md', "o'fees.md"]],
    [{ year: { gte: 2020 } }, ['fees.md', 'gebühren.md']],
    [{ lang: 'en', year: { gte: 2020, lt: 2025 } }, ['fees.md']],
    [{ lang: { in: ['de', 'fr'] } }, ['gebühren.md']],
    [{ lang: { ne: 'en' } }, ['bare.md', 'gebühren.md']],
    [{ tags: { contains: 'billing' } }, ['fees.md', "o'fees.md"]],
    [{ not: { tags: { contains: 'fees' } } }, ['bare.md', 'gebühren.md', "o'fees.md"]],
    [{ or: [{ draft: true }, { year: { lt: 2020 } }] }, ['gebühren.md', "o'fees.md"]],
    [{ lang: { exists: false } }, ['bare.md']],
    [{ note: 'it\'s "quoted" \\ 100%' }, ["o'fees.md"]],
    [{ note: "' OR metadata.lang != '" }, []],
    [{ year: '2024' }, []],
  ])('(peers 24) the filter %j finds %j', async (filter, ids) => {
    const result = await found('tenant', filter);
    expect(result.ids).toEqual([...ids].sort());
    expect(result.degraded.filter(({ step }) => step.startsWith('filter:'))).toEqual([]);
  });
});
