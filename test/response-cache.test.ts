import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { namespaceStateKey } from '../src/cache/keys.ts';
import { cacheStatusSchema, purgedSchema } from '../src/http/cache-view.ts';
import { documentSchema } from '../src/http/document-view.ts';
import { problemSchema } from '../src/http/errors.ts';
import { answerSchema, searchResultSchema } from '../src/query/answer.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

let vigil: VigilUnderTest;
const until = { timeout: 25_000, interval: 100 };
const within5s = { timeout: 5_000, interval: 100 };

beforeAll(async () => {
  // D1 and KV are called through the local cloud, which counts.
  vigil = await startVigil({}, { breakableBindings: true });
}, 60_000);
afterEach(() => vigil.control.clearFaults());
afterAll(() => vigil.close());

const pathOf = (namespace: string, id: string) => `/v1/namespaces/${namespace}/documents/${id}`;

async function sendRedis(...command: string[]): Promise<void> {
  const { url, token } = vigil.redis;
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(command) })).status).toBe(200);
}

async function put(namespace: string, id: string, content: string): Promise<void> {
  const init = { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: content };
  const { version } = documentSchema.parse(await (await vigil.fetch(pathOf(namespace, id), init)).json());
  const liveVersion = async () =>
    documentSchema.parse(await (await vigil.fetch(pathOf(namespace, id))).json()).liveVersion;
  await expect.poll(liveVersion, until).toBe(version);
}

async function ask(namespace: string, question: string, options = {}): Promise<z.infer<typeof answerSchema>> {
  const response = await vigil.fetch(`/v1/namespaces/${namespace}/answer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question, ...options }),
  });
  expect(response.status).toBe(200);
  return answerSchema.parse(await response.json());
}

/** Asks until the answer comes from the cache, which is written after the response. */
async function cached(namespace: string, question: string) {
  await expect.poll(async () => (await ask(namespace, question)).cache.response, until).toBe('hit');
}

describe('an answer from the cache', () => {
  const question = 'When does the ferry leave?';

  test('calls nobody but KV or the location’s cache', async () => {
    await put('port', 'ferry.txt', 'The ferry leaves the north quay at seven every morning.');
    await cached('port', question);
    await vigil.control.resetCounters();
    const hit = await ask('port', question);
    expect(hit).toMatchObject({ cache: { response: 'hit' }, generation: 'model', degraded: [] });
    expect(hit.answer).toContain('seven');
    const { calls } = await vigil.control.counters();
    expect(calls.filter(({ service }) => service !== 'kv')).toEqual([]);
  });

  test('is still given when the catalog has been down for longer than anything is trusted', async () => {
    await cached('port', question);
    // Neither the isolate nor the copy of ten seconds has it; what was last known to be so is left.
    await vigil.redeploy({});
    await sendRedis('DEL', namespaceStateKey('port'));
    await vigil.control.setFault({ target: 'd1', mode: 'error' });
    for (let n = 0; n < 3; n++) {
      const degraded = [{ step: 'liveness', reason: 'UNAVAILABLE' }];
      expect(await ask('port', question)).toMatchObject({ cache: { response: 'hit' }, degraded });
    }
  });

  test('is what is left when everything else is down', async () => {
    await cached('port', question);
    for (const target of ['ai', 'vectorize', 'vector', 'redis', 'd1']) {
      await vigil.control.setFault({ target, mode: 'error' });
    }
    expect((await ask('port', question)).answer).toContain('seven');
  });

  test('is gone within 5 s when its document changes or is deleted, and no other’s', async () => {
    await put('port', 'bakery.txt', 'The bakery sells rye bread on Tuesdays.');
    const other = 'When does the bakery sell rye bread?';
    const options = { topK: 1 };
    const askOne = (text: string) => ask('port', text, options);
    for (const text of [question, other]) {
      await expect.poll(async () => (await askOne(text)).cache.response, until).toBe('hit');
    }
    await put('port', 'ferry.txt', 'The ferry leaves the south quay at nine every morning.');
    await expect.poll(async () => (await askOne(question)).answer, within5s).toContain('nine');
    expect((await askOne(question)).answer).not.toContain('seven');
    expect(['hit', 'stale']).toContain((await askOne(other)).cache.response);

    await vigil.fetch(pathOf('port', 'ferry.txt'), { method: 'DELETE' });
    await expect
      .poll(async () => (await askOne(question)).passages.map(({ documentId }) => documentId), within5s)
      .not.toContain('ferry.txt');
  });
});

test('KV that fails is said, and costs nothing else', async () => {
  await put('port', 'tide.txt', 'The tide table hangs beside the harbour office.');
  await vigil.control.setFault({ target: 'kv', mode: 'error' });
  for (let n = 0; n < 7; n++) {
    const answer = await ask('port', `Where does the tide table hang? ${n}`);
    expect(answer.cache.response).toBe('unavailable');
    expect(answer.degraded).toEqual([{ step: 'cache:response', reason: 'UNAVAILABLE' }]);
  }
});

describe('a search like one asked before', () => {
  async function search(question: string) {
    const response = await vigil.fetch('/v1/namespaces/manual/search', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question }),
    });
    return searchResultSchema.parse(await response.json());
  }

  test('gets its results without asking an index, unless a word that matters differs', async () => {
    await put('manual', 'limits.txt', 'The size of a request body is limited to one megabyte by the body limit.');
    const first = await search('How do I limit the size of a request body?');
    expect(first).toMatchObject({ cache: { search: 'miss', similarity: null } });
    const alike = () => search('How can I limit the size of the request body?');
    await expect.poll(async () => (await alike()).cache.search, until).toBe('similar');
    await vigil.control.resetCounters();
    const second = await alike();
    expect(second.cache.similarity).toBeGreaterThan(0.82);
    expect(second.passages).toEqual(first.passages);
    const { calls } = await vigil.control.counters();
    expect(calls.filter(({ service }) => service === 'vectorize' || service === 'vector')).toEqual([]);
    expect((await search('How do I limit the size of a response body?')).cache.search).toBe('miss');
  });
});

describe('the cache of a namespace', () => {
  test('tells its hit ratios and can be purged', async () => {
    await put('museum', 'whale.txt', 'The whale skeleton hangs in the great hall.');
    const question = 'Where does the whale skeleton hang?';
    await cached('museum', question);
    const status = cacheStatusSchema.parse(await (await vigil.fetch('/v1/namespaces/museum/cache')).json());
    expect(status).toMatchObject({ namespace: 'museum', scope: 'isolate', layers: { response: { hit: 1 } } });
    expect(status.layers.response.hitRatio).toBeGreaterThan(0);
    expect(status.similarityThreshold).toBe(0.82);

    const purge = () => vigil.fetch('/v1/namespaces/museum/cache', { method: 'DELETE' });
    expect(purgedSchema.parse(await (await purge()).json())).toEqual({ namespace: 'museum', purge: 1 });
    expect((await ask('museum', question)).cache.response).toBe('miss');
    expect(purgedSchema.parse(await (await purge()).json()).purge).toBe(2);
  });

  test.each(['GET', 'DELETE'])('is none where there is no namespace: %s', async (method) => {
    const response = await vigil.fetch('/v1/namespaces/nowhere/cache', { method });
    expect(response.status).toBe(404);
    expect(problemSchema.parse(await response.json()).code).toBe('NAMESPACE_NOT_FOUND');
  });

  test('is kept from browsers and shared caches in between', async () => {
    await put('museum', 'shark.txt', 'The shark jaw lies in the small hall.');
    await cached('museum', 'Where does the shark jaw lie?');
    const response = await vigil.fetch('/v1/namespaces/museum/answer', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'Where does the shark jaw lie?' }),
    });
    // Stale where the isolate has heard of the new document only after the answer was made.
    expect(['hit', 'stale']).toContain(answerSchema.parse(await response.json()).cache.response);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
  });
});

test('one namespace never gets another’s answer to the same question', async () => {
  await put('tenant-a', 'pin.txt', 'The code of the cellar door of Ada is oak.');
  await put('tenant-b', 'pin.txt', 'The code of the cellar door of Ben is elm.');
  const question = 'What is the code of the cellar door?';
  for (let n = 0; n < 3; n++) {
    for (const [namespace, own, other] of [
      ['tenant-a', 'oak', 'elm'],
      ['tenant-b', 'elm', 'oak'],
    ] as const) {
      const text = JSON.stringify(await ask(namespace, question));
      expect(text).toContain(own);
      expect(text).not.toContain(other);
    }
  }
});

test('an isolate that has been idle asks Redis once, and nobody else, before it gives a kept answer', async () => {
  await put('lighthouse', 'lamp.txt', 'The lamp of the lighthouse was lit first in the year 1811.');
  const question = 'When was the lamp of the lighthouse lit first?';
  // What is remembered of the namespace is too old at once; of operators' orders it is old enough to be read again.
  const idle = { NAMESPACE_STATE_REFRESH_MS: '1', NAMESPACE_STATE_TRUST_MS: '2', OPERATOR_FLAGS_REFRESH_MS: '50' };
  await vigil.redeploy({ ...idle, OPERATOR_FLAGS_TRUST_MS: '60000' });
  await cached('lighthouse', question);
  await vigil.control.resetCounters();
  expect((await ask('lighthouse', question)).cache.response).toBe('hit');
  const { calls } = await vigil.control.counters();
  const others = calls.filter(({ service }) => service !== 'kv');
  expect(others.map(({ service, received }) => [service, received])).toEqual([['redis', 1]]);
});
