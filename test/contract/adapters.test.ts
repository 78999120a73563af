import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeCacheStore } from '../../src/cache/cache-store.contract.ts';
import type { CacheStore } from '../../src/cache/cache-store.ts';
import { describeEmbedder } from '../../src/models/embedder.contract.ts';
import type { Embedder } from '../../src/models/embedder.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import { describeGenerator } from '../../src/models/generator.contract.ts';
import type { Generator } from '../../src/models/generator.ts';
import { describeVectorStore } from '../../src/retrieval/vector-store.contract.ts';
import type { VectorStore } from '../../src/retrieval/vector-store.ts';
import { inSeconds } from '../read-path-builders.ts';
import { type ContractCloud, LOCAL_EMBEDDING_MODEL, startContractCloud } from './contract-cloud.ts';

const DIMENSIONS = 384;
let cloud: ContractCloud;

beforeAll(async () => {
  cloud = await startContractCloud();
}, 120_000);

afterEach(async () => {
  await cloud.control.clearFaults();
});

afterAll(() => cloud.close());

const vectorize = () => cloud.port<VectorStore>('vectorize', { name: 'vectorize', maxBatch: 100 });
const upstash = () => cloud.port<VectorStore>('upstash', { name: 'upstash', maxBatch: 200 });
const redis = () => cloud.port<CacheStore>('redis', { name: 'redis' });

function embedder(): Embedder {
  const model = embeddingModelNamed(LOCAL_EMBEDDING_MODEL);
  if (model === null) throw new Error('the local embedding model is unknown');
  return cloud.port<Embedder>('embedder', { model });
}

describeVectorStore('vectorize', async () => ({ store: vectorize(), dimensions: DIMENSIONS }));
describeVectorStore('upstash', async () => ({ store: upstash(), dimensions: DIMENSIONS }));
describeEmbedder('of Workers AI', async () => embedder());
describeGenerator('in the older dialect', async () => cloud.port<Generator>('generator', {}));
describeGenerator('in the chat dialect', async () => cloud.port<Generator>('chatGenerator', {}));
describeCacheStore('redis', async () => redis());

const messages = [{ role: 'user' as const, content: '<question>?</question>' }];
const operations = [
  ['vectorize', 'vectorize', () => vectorize().query(aQuery(), inSeconds(1))],
  ['vector', 'upstash', () => upstash().query(aQuery(), inSeconds(1))],
  ['redis', 'redis', () => redis().getMany(['a'], inSeconds(1))],
  ['ai', 'the embedder', () => embedder().embed(['a text nobody has embedded'], inSeconds(1))],
  [
    'ai',
    'the generator',
    () => cloud.port<Generator>('generator', {}).generate(messages, { maxTokens: 9 }, inSeconds(1)),
  ],
] as const;

function aQuery() {
  return { namespace: 'docs', vector: new Float32Array(DIMENSIONS).fill(1 / Math.sqrt(DIMENSIONS)), topK: 1 };
}

describe.each(operations)('with %s broken, %s', (target, _name, run) => {
  it.each([
    ['error', 'transient', null],
    ['garbage', 'transient', 'BAD_ANSWER'],
    ['refused', 'transient', null],
    ['hang', 'transient', 'TIMEOUT'],
  ] as const)('fails by %s as %s', { timeout: 20_000 }, async (mode, errorClass, code) => {
    await cloud.control.setFault({ target, mode });
    const result = await run();
    expect(result).toMatchObject({ ok: false, error: { class: errorClass, ...(code !== null && { code }) } });
    if (!result.ok) expect(result.error.message).not.toMatch(/html|command was/i);
  });

  it('asks for patience when it is rate-limited', { timeout: 20_000 }, async () => {
    await cloud.control.setFault({ target, mode: 'rate-limited' });
    expect(await run()).toMatchObject({ ok: false, error: { class: 'rate-limited' } });
  });
});
