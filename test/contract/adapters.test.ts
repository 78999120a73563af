import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeAnswerStore } from '../../src/cache/answer-store.contract.ts';
import type { AnswerStore } from '../../src/cache/answer-store.ts';
import { describeCacheStore } from '../../src/cache/cache-store.contract.ts';
import { describeCounterStore } from '../../src/cache/counter-store.contract.ts';
import type { CounterStore } from '../../src/cache/counter-store.ts';
import { describeFieldStore } from '../../src/cache/field-store.contract.ts';
import type { FieldStore } from '../../src/cache/field-store.ts';
import { systemClock } from '../../src/clock.ts';
import { describeDocumentConverter } from '../../src/models/document-converter.contract.ts';
import type { DocumentConverter } from '../../src/models/document-converter.ts';
import { describeEmbedder } from '../../src/models/embedder.contract.ts';
import { describeGenerator } from '../../src/models/generator.contract.ts';
import { createOpenAiGenerator } from '../../src/models/openai-generator.ts';
import { describeReranker } from '../../src/models/reranker.contract.ts';
import type { Reranker } from '../../src/models/reranker.ts';
import { fail, succeed } from '../../src/result.ts';
import { describeLexicalIndex } from '../../src/retrieval/lexical/lexical-index.contract.ts';
import type { LexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import { describeVectorStore } from '../../src/retrieval/vector-store.contract.ts';
import { aChunk, callUpstreamWith, inSeconds, silentTelemetry } from '../read-path-builders.ts';
import { type Transcriber, transcriberOf } from '../support/transcribe.ts';
import { type ContractCloud, LOCAL_EMBEDDING_MODEL, openAiEndpoint, startContractCloud } from './contract-cloud.ts';
import { cacheStoreOf, embedderOf, vectorStoreOf, vectorStoreOfAnotherModel } from './ports.ts';
import { scratchName } from './scratch-name.ts';

const DIMENSIONS = 384;
const GENERATORS = ['generator', 'chatGenerator', 'openAiGenerator'] as const;
let cloud: ContractCloud;

beforeAll(async () => {
  cloud = await startContractCloud();
}, 120_000);

afterEach(async () => {
  await cloud.control.clearFaults();
});

afterAll(() => cloud.close());

const vectorStore = (name: 'vectorize' | 'upstash') => vectorStoreOf(cloud, name);
const redis = () => cacheStoreOf(cloud);
const generator = (name: (typeof GENERATORS)[number]) => cloud.port<Transcriber>(name, {});
const embedder = () => embedderOf(cloud, LOCAL_EMBEDDING_MODEL);

for (const name of ['vectorize', 'upstash'] as const) {
  describeVectorStore(name, {
    open: async () => vectorStore(name),
    openWithAnotherModel: async () => vectorStoreOfAnotherModel(cloud, name),
    dimensions: DIMENSIONS,
    scratchName: scratchName(),
    visibility: { withinMs: 10_000, everyMs: 50 },
    scoreDigits: 3,
  });
}
describeEmbedder('of Workers AI', { open: async () => embedder(), margin: 0.2 });
for (const name of GENERATORS) {
  describeGenerator(name, { open: async () => generator(name), maxTokens: 200, tellsCut: name !== 'generator' });
}
describeGenerator('openAiGenerator, whose leaving is counted', {
  open: async () => transcriberOf(openAiInThisProcess()),
  maxTokens: 200,
  async cancelledCalls() {
    const { calls } = await cloud.control.counters();
    return calls.find(({ service }) => service === 'openai')?.cancelled ?? 0;
  },
});
describeDocumentConverter('of Workers AI', async () => cloud.port<DocumentConverter>('converter', {}));
describeReranker('of Workers AI', async () => cloud.port<Reranker>('reranker', {}));
describeCacheStore('redis', { open: async () => redis(), scratchName: scratchName() });
describeCounterStore('redis', {
  open: async () => cloud.port<CounterStore>('redisCounters', {}),
  scratchName: scratchName(),
});
describeFieldStore('redis', {
  open: async () => cloud.port<FieldStore>('redisFields', {}),
  scratchName: scratchName(),
});
for (const name of ['kvAnswers', 'edgeAnswers'] as const) {
  describeAnswerStore(name, { open: async () => cloud.port<AnswerStore>(name, { name }), scratchName: scratchName() });
}
describeLexicalIndex('on D1', {
  open: async () => cloud.port<LexicalIndex>('lexical', {}),
  scratchName: scratchName(),
});

describe('an Upstash index that hosts the model', () => {
  it('finds by a text what it finds by the text’s vector', { timeout: 20_000 }, async () => {
    const [upstash, namespace] = [vectorStore('upstash'), scratchName()];
    const texts = ['A whale swims in the sea.', 'The bakery opens at six.'];
    const embedded = await embedder().embed(texts, inSeconds(10));
    if (!embedded.ok || upstash.queryText === null) throw new Error('no vectors, or no hosted model');
    const records = texts.map((text, n) => ({
      chunk: aChunk({ chunkId: `${namespace}-${n}`, namespace, text }),
      values: embedded.value.vectors[n] ?? new Float32Array(),
    }));
    await upstash.upsert(namespace, records, inSeconds(10));
    const common = { namespace, topK: 10, filter: null };
    const [vector = new Float32Array()] = embedded.value.vectors;
    await expect
      .poll(() => upstash.query({ ...common, vector }, inSeconds(5)))
      .toMatchObject({
        value: { matches: [{}, {}] },
      });
    const byText = await upstash.queryText({ ...common, text: texts[0] ?? '' }, inSeconds(10));
    expect(byText).toEqual(await upstash.query({ ...common, vector }, inSeconds(5)));
    expect(byText).toMatchObject({ ok: true, value: { matches: [{ chunk: { text: texts[0] } }, {}] } });
  });
});

const messages = [{ role: 'user' as const, content: '<question>?</question>' }];
const operations = [
  ['vectorize', 'vectorize', () => vectorStore('vectorize').query(aQuery(), inSeconds(1))],
  ['vector', 'upstash', () => vectorStore('upstash').query(aQuery(), inSeconds(1))],
  ['redis', 'redis', () => redis().getMany(['a'], inSeconds(1))],
  ['ai', 'the embedder', () => embedder().embed(['a text nobody has embedded'], inSeconds(1))],
  ['ai', 'the generator', () => generate('generator')],
  ['openai', 'the generator by OpenAI’s protocol', () => generate('openAiGenerator')],
] as const;

/** The test harness calls for its Workers, and would not tell that they left. */
function openAiInThisProcess() {
  return createOpenAiGenerator(
    { ...openAiEndpoint(cloud.env), name: 'openai', price: null, body: {} },
    {
      ...{ callUpstream: callUpstreamWith(), clock: systemClock, telemetry: silentTelemetry },
      defer: (_name, promise) => void promise,
      ...{ timeoutMs: 5_000, idleTimeoutMs: 5_000 },
    },
  );
}

async function generate(name: (typeof GENERATORS)[number]) {
  const options = { maxTokens: 9, firstToken: inSeconds(1), deadline: inSeconds(1) };
  const transcript = await generator(name).transcribe(messages, options);
  return transcript.error === null ? succeed(transcript) : fail(transcript.error);
}

describe.each([
  ['ai', 'generator'],
  ['ai', 'chatGenerator'],
  ['openai', 'openAiGenerator'],
] as const)('with the streams of %s broken in the middle, the %s', (target, name) => {
  const prompt =
    '<passage n="1">\nCats sleep sixteen hours a day, and more in winter.\n</passage>\n<question>Cats?</question>';

  it.each([
    ['interrupted', null],
    ['stalled', 'DEADLINE'],
  ] as const)('has begun to answer when it is %s', async (mode, code) => {
    await cloud.control.setFault({ target, mode });
    const options = { maxTokens: 99, firstToken: inSeconds(5), deadline: inSeconds(2) };
    const { texts, last } = await generator(name).transcribe([{ role: 'user', content: prompt }], options);
    expect(texts.map(({ text }) => text).join('')).toMatch(/^Cats sleep/);
    expect(last).toMatchObject({ kind: 'failed', error: { class: 'transient', ...(code !== null && { code }) } });
    if (last?.kind === 'failed') expect(['NETWORK', 'INTERRUPTED', 'DEADLINE']).toContain(last.error.code);
  });
});

function aQuery() {
  return {
    namespace: 'docs',
    vector: new Float32Array(DIMENSIONS).fill(1 / Math.sqrt(DIMENSIONS)),
    topK: 1,
    filter: null,
  };
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
