import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { documentSchema } from '../src/http/document-view.ts';
import { answerSchema } from '../src/query/answer.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

let vigil: VigilUnderTest;

const lighthouse = `# Lighthouse

## Keeping the lamp

The keeper trims the wick every evening at dusk. The lamp burns whale oil until dawn.

## In fog

When fog hides the rocks, the keeper sounds the horn once a minute.
`;
const bakery = `# Bakery

The baker feeds the sourdough starter with rye flour at four in the morning.
`;

beforeAll(async () => {
  vigil = await startVigil();
}, 60_000);
afterEach(() => vigil.control.clearFaults());
afterAll(() => vigil.close());

async function put(namespace: string, id: string, content: string) {
  const response = await vigil.fetch(`/v1/namespaces/${namespace}/documents/${encodeURIComponent(id)}`, {
    method: 'PUT',
    headers: { 'content-type': 'text/markdown' },
    body: content,
  });
  return {
    status: response.status,
    location: response.headers.get('location'),
    document: documentSchema.parse(await response.json()),
  };
}

async function get(namespace: string, id: string) {
  const response = await vigil.fetch(`/v1/namespaces/${namespace}/documents/${encodeURIComponent(id)}`);
  return response.status === 404 ? null : documentSchema.parse(await response.json());
}

const until = { timeout: 25_000, interval: 100 };

async function putUntilReady(namespace: string, id: string, content: string) {
  const accepted = await put(namespace, id, content);
  await vi.waitFor(async () => expect((await get(namespace, id))?.state).toBe('ready'), until);
  return accepted;
}

async function answer(namespace: string, question: string, options: Record<string, unknown> = {}) {
  const response = await vigil.fetch(`/v1/namespaces/${namespace}/answer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question, ...options }),
  });
  expect(response.status).toBe(200);
  return answerSchema.parse(await response.json());
}

describe('a document', () => {
  test('goes through the queue into every store, and its states tell the truth', async () => {
    const { status, location, document } = await put('coast', 'light/house.md', lighthouse);
    expect(status).toBe(202);
    expect(location).toBe('/v1/namespaces/coast/documents/light%2Fhouse.md');
    expect(document).toMatchObject({ id: 'light/house.md', state: 'queued', outcome: 'created', liveVersion: null });

    await expect.poll(async () => (await get('coast', 'light/house.md'))?.state, until).toBe('ready');
    const ready = await get('coast', 'light/house.md');
    expect(ready).toMatchObject({ title: 'Lighthouse', liveVersion: document.version });
    // One store is enough to be ready; the slower one follows by itself.
    const everywhere = { vectorize: 'current', 'vectorize-replica': 'current', upstash: 'current' };
    await expect.poll(async () => (await get('coast', 'light/house.md'))?.stores, until).toEqual(everywhere);

    const again = await put('coast', 'light/house.md', lighthouse);
    expect(again).toMatchObject({ status: 200, document: { outcome: 'unchanged', state: 'ready' } });
  });

  test('that changes is answered from its new version, and from nothing else', async () => {
    await putUntilReady('versions', 'a.md', '# Colour\n\nThe door of the harbour office is painted green.');
    const updated = await put('versions', 'a.md', '# Colour\n\nThe door of the harbour office is painted crimson.');
    expect(updated.document.outcome).toBe('updated');
    await expect.poll(async () => (await get('versions', 'a.md'))?.liveVersion, until).toBe(updated.document.version);
    const { passages } = await answer('versions', 'What colour is the door of the harbour office?');
    expect(passages.map(({ text }) => text).join()).toContain('crimson');
    expect(passages.map(({ text }) => text).join()).not.toContain('green');
  });

  test('that is deleted is out of answers at once, and gone soon after', async () => {
    await putUntilReady('deletions', 'secret.md', 'The vault opens with the word marzipan.');
    await putUntilReady('deletions', 'other.md', 'The window opens with a brass handle.');
    const response = await vigil.fetch('/v1/namespaces/deletions/documents/secret.md', { method: 'DELETE' });
    expect(response.status).toBe(202);
    const after = await answer('deletions', 'With which word does the vault open?');
    expect(JSON.stringify(after)).not.toContain('marzipan');
    await expect.poll(() => get('deletions', 'secret.md'), until).toBeNull();
  });
});

// Another question for each case, which no cache has answered, of words that the document has.
const things = 'rocks lamp fog wick oil whale dusk dawn evening minute lighthouse lamp-oil wick-lamp rocks-fog'.split(
  ' ',
);

describe('an answer', () => {
  beforeAll(async () => {
    await Promise.all([
      putUntilReady('coast', 'light/house.md', lighthouse),
      putUntilReady('town', 'bakery.md', bakery),
    ]);
  }, 30_000);

  test('quotes a document verbatim at its offsets', async () => {
    const given = await answer('coast', 'How often does the keeper sound the horn in fog?');
    expect(given).toMatchObject({ refused: false, degraded: [], servedBy: { retrieval: 'vectorize' } });
    expect(given.servedBy.generation).toBe('local/passage-composer');
    expect(given.answer).toMatch(/horn once a minute.*\[\d\]/);
    expect(given.citations[0]).toMatchObject({ documentId: 'light/house.md', title: 'Lighthouse' });
    for (const { quote, start, end } of given.citations) expect(lighthouse.slice(start, end)).toBe(quote);
    for (const { text, start, end } of given.passages) expect(lighthouse.slice(start, end)).toBe(text);
    expect(given.usage.embeddingTokens).toBeGreaterThan(0);
    expect(given.usage.costUsd).toBeGreaterThan(0);
  });

  test('never contains another namespace', async () => {
    for (const retrieval of ['hybrid', 'vector', 'lexical']) {
      const { passages } = await answer('coast', 'When does the baker feed the sourdough starter?', { retrieval });
      expect(passages.filter(({ documentId }) => documentId !== 'light/house.md')).toEqual([]);
    }
  });

  test('is refused without asking a model when nothing is found', async () => {
    await vigil.control.resetCounters();
    const given = await answer('coast', 'zzzqqq xyzzy', { retrieval: 'lexical' });
    expect(given).toMatchObject({ refused: true, reason: 'NO_PASSAGES', citations: [], passages: [] });
    const { calls } = await vigil.control.counters();
    expect(calls.filter(({ operation }) => operation === 'generate')).toEqual([]);
  });

  test('uses the embedding cache the second time', async () => {
    const question = 'What does the lamp burn until dawn?';
    expect((await answer('coast', question)).cache.embedding).toBe('miss');
    // Another number of passages is another answer and another search, of the same vector.
    let topK = 8;
    const again = () => answer('coast', question, { topK: ++topK });
    await expect.poll(async () => (await again()).cache.embedding, until).toBe('hit');
    expect((await answer('coast', question, { cache: 'no-store' })).cache.embedding).toBe('bypass');
  });

  test.each([
    // First, while the replica's breaker has nothing to remember.
    ['the primary index error', ['vectorize:primary'], 'error', 'vectorize-replica'],
    ['vectorize error', ['vectorize'], 'error', 'upstash'],
    ['vectorize garbage', ['vectorize'], 'garbage', 'upstash'],
    ['vectorize rate-limited', ['vectorize'], 'rate-limited', 'upstash'],
    ['vectorize refused', ['vectorize'], 'refused', 'upstash'],
    ['all vector stores error', ['vectorize', 'vector'], 'error', 'lexical'],
    ['all vector stores garbage', ['vectorize', 'vector'], 'garbage', 'lexical'],
    ['no model at all', ['ai'], 'error', 'upstash'],
    ['no model and no Upstash Vector', ['ai', 'vector'], 'error', 'lexical'],
    ['no Redis', ['redis'], 'error', 'vectorize'],
    ['Redis garbage', ['redis'], 'garbage', 'vectorize'],
  ] as const)('still comes with %s, and says so', async (_, targets, mode, retrieval) => {
    // Breakers may still be open from the case before.
    await vi.waitFor(
      async () => expect((await answer('coast', `Is all well? ${Math.random()}`)).degraded).toEqual([]),
      until,
    );
    for (const target of targets) await vigil.control.setFault({ target, mode });
    const given = await answer('coast', `How often does the keeper sound the horn near the ${things.shift()}?`);
    expect(given.servedBy.retrieval).toBe(retrieval);
    expect(given.degraded).not.toEqual([]);
    expect(given.passages[0]?.documentId).toBe('light/house.md');
    expect(given.answer).toContain('horn');
    expect(given.citations.length).toBeGreaterThan(0);
    expect(given.servedBy.generation).toBe(
      targets.some((target) => target === 'ai') ? 'extractive' : 'local/passage-composer',
    );
  });
});
