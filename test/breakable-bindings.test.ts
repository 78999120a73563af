import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { documentSchema } from '../src/http/document-view.ts';
import { answerSchema } from '../src/query/answer.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

const DEADLINE_MS = 4_000;
const until = { timeout: 25_000, interval: 200 };
const LEXICAL_TIMEOUT = { step: 'retrieval:lexical', reason: 'TIMEOUT' };

let vigil: VigilUnderTest;
let questions = 0;

beforeAll(async () => {
  vigil = await startVigil({ REQUEST_DEADLINE_MS: String(DEADLINE_MS) }, { breakableBindings: true });
  const path = '/v1/namespaces/coast/documents/lamp.md';
  const headers = { 'content-type': 'text/markdown' };
  await vigil.fetch(path, { method: 'PUT', headers, body: 'The lamp of the lighthouse burns whale oil.' });
  const document = async () => documentSchema.parse(await (await vigil.fetch(path)).json());
  await vi.waitFor(async () => expect((await document()).stores.vectorize).toBe('current'), until);
}, 60_000);
afterEach(async () => {
  await vigil.control.clearFaults();
  // Breakers may still be open.
  await vi.waitFor(async () => expect((await ask()).degraded).toEqual([]), until);
});
afterAll(() => vigil.close());

async function ask() {
  questions += 1;
  const startedMs = performance.now();
  const response = await vigil.fetch('/v1/namespaces/coast/answer', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question: `What does lamp ${questions} burn?` }),
  });
  expect(response.status).toBe(200);
  const { servedBy, degraded, passages } = answerSchema.parse(await response.json());
  expect(passages.map(({ documentId }) => documentId)).toEqual(['lamp.md']);
  return { servedBy, degraded, tookMs: performance.now() - startedMs };
}

describe('with breakable bindings', () => {
  test("the local cloud counts a question's calls of D1", async () => {
    await ask();
    await vigil.control.resetCounters();
    expect((await ask()).degraded).toEqual([]);
    const { calls } = await vigil.control.counters();
    const lexical = { service: 'd1', instance: 'lexical', operation: 'batch' };
    expect(calls).toContainEqual({
      ...lexical,
      received: 1,
      faulted: 0,
      faultedWhenDone: 0,
      cancelled: 0,
      waitingMost: 1,
    });
  });

  test.each([
    ['error', 'D1_ERROR'],
    ['garbage', 'D1_ERROR'],
    ['rate-limited', 'OVERLOADED'],
    ['slow', 'TIMEOUT'],
  ] as const)('%s of the lexical database costs the answer its words alone', async (mode, reason) => {
    await vigil.control.setFault({ target: 'd1:lexical', mode });
    const { servedBy, degraded } = await ask();
    expect(servedBy.retrieval).toBe('vectorize');
    expect(degraded).toEqual([{ step: 'retrieval:lexical', reason }]);
  });

  test('an answer comes within its deadline while all of D1 hangs, and in full once that is over', async () => {
    await vigil.control.setFault({ target: 'd1', mode: 'hang' });
    const { servedBy, degraded, tookMs } = await ask();
    expect(servedBy.retrieval).toBe('vectorize');
    expect(degraded).toEqual([LEXICAL_TIMEOUT, { step: 'liveness', reason: 'TIMEOUT' }]);
    expect(tookMs).toBeLessThan(DEADLINE_MS);

    await vigil.control.clearFaults();
    await vi.waitFor(async () => expect((await ask()).degraded).toEqual([]), until);
  });
});
