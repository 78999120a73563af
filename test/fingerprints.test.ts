import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeEmbedding } from '../src/cache/embedding-codec.ts';
import { embeddingKey } from '../src/cache/keys.ts';
import { readinessSchema } from '../src/http/dependency-view.ts';
import { documentSchema } from '../src/http/document-view.ts';
import { embeddingModelNamed } from '../src/models/embedding-models.ts';
import { searchResultSchema } from '../src/query/answer.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

const OTHER_MODEL = '@cf/baai/bge-small-en-v1.5';
const QUESTION = 'what does the lamp burn?';
const TEXT = 'The lamp of the lighthouse burns whale oil.';
const until = { timeout: 25_000, interval: 100 };

let vigil: VigilUnderTest;

beforeAll(async () => {
  vigil = await startVigil();
}, 60_000);
afterAll(() => vigil.close());

async function put() {
  const init = { method: 'PUT', headers: { 'content-type': 'text/markdown' }, body: TEXT };
  return documentSchema.parse(await (await vigil.fetch('/v1/namespaces/docs/documents/a.md', init)).json());
}

async function document() {
  return documentSchema.parse(await (await vigil.fetch('/v1/namespaces/docs/documents/a.md')).json());
}

async function search() {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question: QUESTION }),
  };
  return searchResultSchema.parse(await (await vigil.fetch('/v1/namespaces/docs/search', init)).json());
}

/** As if the other model, which the local cloud does not have, had been asked a moment ago. */
async function rememberAnotherModelsVector() {
  const model = embeddingModelNamed(OTHER_MODEL);
  if (model === null) throw new Error('no such model');
  const vector = new Float32Array(model.dimensions).fill(1 / Math.sqrt(model.dimensions));
  await new Redis(vigil.redis).set(await embeddingKey(model, QUESTION), encodeEmbedding(vector));
}

test('another model of the same dimensions neither reads nor writes what the one before has made', {
  timeout: 90_000,
}, async () => {
  await put();
  const everywhere = { vectorize: 'current', 'vectorize-replica': 'current', upstash: 'current' };
  await expect.poll(async () => (await document()).stores, until).toEqual(everywhere);
  expect(await search()).toMatchObject({ servedBy: { retrieval: 'vectorize' }, degraded: [] });
  const { liveVersion } = await document();

  await vigil.redeploy({ EMBEDDING_MODEL: OTHER_MODEL, HOSTED_EMBEDDING: '' });
  await rememberAnotherModelsVector();
  for (let n = 0; n < 6; n += 1) {
    const found = await search();
    expect(found).toMatchObject({
      servedBy: { retrieval: 'lexical' },
      degraded: [
        { step: 'retrieval:vectorize', reason: 'FINGERPRINT_MISMATCH' },
        { step: 'retrieval:vectorize-replica', reason: 'FINGERPRINT_MISMATCH' },
        { step: 'retrieval:upstash', reason: 'FINGERPRINT_MISMATCH' },
      ],
    });
    expect(found.passages[0]?.text).toBe(TEXT);
  }
  // What an operator has to mend is told and does not open a breaker.
  const readiness = readinessSchema.options[1].parse(await (await vigil.fetch('/health/ready')).json());
  for (const name of ['vectorize', 'upstash']) {
    expect(readiness.dependencies.find((dependency) => dependency.name === name)).toMatchObject({
      state: 'closed',
      circuits: [{ lastError: { class: 'configuration', code: 'FINGERPRINT_MISMATCH' } }],
    });
  }

  expect((await put()).outcome).toBe('updated');
  await vi.waitFor(async () => {
    expect(await document()).toMatchObject({
      state: 'queued',
      liveVersion,
      failed: { code: 'FINGERPRINT_MISMATCH', message: expect.stringContaining(OTHER_MODEL) },
    });
  }, until);

  await vigil.redeploy({});
  expect(await search()).toMatchObject({ servedBy: { retrieval: 'vectorize' }, degraded: [] });
  expect(await put()).toMatchObject({ outcome: 'unchanged', state: 'queued' });
});
