import { expect, test } from 'vitest';
import { MOST_DOCUMENTS_PER_REQUEST, parseApiConfig, parseIngestConfig } from './config.ts';

const SECRET = 'S3cretS3cretS3cretS3cretS3cretS3cret';

const env = {
  ENVIRONMENT: 'local',
  EMBEDDING_MODEL: 'local/all-MiniLM-L6-v2',
  GENERATION_MODELS: ['local/passage-composer'],
  VECTOR_STORES: ['vectorize:VECTORIZE', 'upstash:PRIMARY'],
  BOOTSTRAP_KEY: `vgl_sk_local_boot_${SECRET}`,
  UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1',
  UPSTASH_REDIS_REST_TOKEN: SECRET,
  UPSTASH_VECTOR_PRIMARY_URL: 'http://127.0.0.1:2',
  UPSTASH_VECTOR_PRIMARY_TOKEN: SECRET,
  ...Object.fromEntries(
    [
      'AI',
      'VECTORIZE',
      'CATALOG_DB',
      'LEXICAL_DB',
      'DOCUMENTS',
      'INGEST_QUEUE',
      'ANSWERS',
      'READ_RATE_LIMITER',
      'WRITE_RATE_LIMITER',
    ].map((name) => [name, {}]),
  ),
};

function problemKeys(changes: Record<string, unknown>): string[] {
  const parsed = parseApiConfig({ ...env, ...changes });
  if (parsed.ok) return [];
  expect(JSON.stringify(parsed.error)).not.toContain(SECRET);
  return parsed.error.map(({ key }) => key);
}

test('a complete configuration is accepted, with the stores named as answers report them', () => {
  const parsed = parseApiConfig(env);
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      REQUEST_DEADLINE_MS: 12_000,
      embeddingModel: { dimensions: 384 },
      vectorStores: [
        { vendor: 'vectorize', name: 'vectorize', binding: 'VECTORIZE' },
        { vendor: 'upstash', name: 'upstash' },
      ],
    },
  });
  expect(parseIngestConfig(env).ok).toBe(true);
});

test('a replica and a second endpoint get names of their own', () => {
  const parsed = parseApiConfig({
    ...env,
    VECTORIZE_REPLICA: {},
    UPSTASH_VECTOR_EU_WEST_URL: 'https://eu.example',
    UPSTASH_VECTOR_EU_WEST_TOKEN: 't',
    VECTOR_STORES: 'vectorize:VECTORIZE, vectorize:VECTORIZE_REPLICA, upstash:PRIMARY, upstash:EU_WEST',
  });
  const names = parsed.ok ? parsed.value.vectorStores.map(({ name }) => name) : [];
  expect(names).toEqual(['vectorize', 'vectorize-replica', 'upstash', 'upstash-eu-west']);
});

test('a model is one of Workers AI, or an endpoint with variables of its own', () => {
  const parsed = parseApiConfig({
    ...env,
    GENERATION_MODELS: '@cf/a/b, openai:FAST_ONE, openai:OWN',
    GENERATOR_FAST_ONE_URL: 'https://gateway.example/v1',
    GENERATOR_FAST_ONE_KEY: SECRET,
    GENERATOR_FAST_ONE_MODEL: 'gpt',
    GENERATOR_FAST_ONE_INPUT_USD_PER_M: '0.5',
    GENERATOR_FAST_ONE_OUTPUT_USD_PER_M: 2,
    GENERATOR_FAST_ONE_BODY: '{"max_tokens":null}',
    GENERATOR_OWN_URL: 'http://127.0.0.1:8000/v1',
    GENERATOR_OWN_MODEL: 'own',
  });
  const price = { prompt: { usd: 0.5, per: 1_000_000 }, completion: { usd: 2, per: 1_000_000 } };
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      generators: [
        { vendor: 'workers-ai', name: '@cf/a/b' },
        { vendor: 'openai', name: 'openai-fast-one', model: 'gpt', key: SECRET, price, body: { max_tokens: null } },
        { vendor: 'openai', name: 'openai-own', baseUrl: 'http://127.0.0.1:8000/v1', key: null, price: null, body: {} },
      ],
      GENERATIONS_PER_MINUTE: 300,
      AI_GATEWAY: null,
    },
  });
});

test.each([
  [{ GENERATION_MODELS: 'openai:OWN' }, ['GENERATOR_OWN_URL', 'GENERATOR_OWN_MODEL']],
  [{ GENERATION_MODELS: 'openai:own' }, ['GENERATION_MODELS']],
  [{ GENERATION_MODELS: '@cf/a/b, @cf/a/b' }, ['GENERATION_MODELS']],
  [{ GENERATOR_OWN_URL: 'own.example' }, ['GENERATOR_OWN_URL']],
  [{ GENERATOR_OWN_KEY: '' }, ['GENERATOR_OWN_KEY']],
  [{ GENERATOR_OWN_BODY: `{"secret":"${SECRET}"` }, ['GENERATOR_OWN_BODY']],
  [{ GENERATOR_OWN_INPUT_USD_PER_M: '1' }, ['GENERATOR_OWN_OUTPUT_USD_PER_M']],
  [{ GENERATOR_OWN_INPUT_USD_PER_M: '1', GENERATOR_OWN_OUTPUT_USD_PER_M: 'much' }, ['GENERATOR_OWN_OUTPUT_USD_PER_M']],
  [{ GENERATIONS_PER_MINUTE: '-1' }, ['GENERATIONS_PER_MINUTE']],
])('a model that %j does not describe is refused by the keys that are wrong', (changes, keys) => {
  const own = 'GENERATION_MODELS' in changes ? {} : { GENERATION_MODELS: 'openai:OWN', GENERATOR_OWN_MODEL: 'm' };
  const url = 'GENERATION_MODELS' in changes ? {} : { GENERATOR_OWN_URL: 'https://own.example' };
  expect(problemKeys({ ...own, ...url, ...changes })).toEqual(keys);
});

test('an index that hosts the embedding model is one that the configuration says does', () => {
  const hosting = (changes: object) => {
    const parsed = parseApiConfig({ ...env, ...changes });
    return parsed.ok && parsed.value.vectorStores.map((store) => store.vendor === 'upstash' && store.hostsModel);
  };
  expect(hosting({})).toEqual([false, false]);
  expect(hosting({ HOSTED_EMBEDDING: 'upstash:PRIMARY' })).toEqual([false, true]);
});

test('numbers are read from strings, as secrets and local overrides give them', () => {
  const parsed = parseApiConfig({ ...env, REQUEST_DEADLINE_MS: '1234' });
  expect(parsed.ok && parsed.value.REQUEST_DEADLINE_MS).toBe(1_234);
});

test.each([
  ...[
    'REQUEST_DEADLINE_MS',
    'EMBEDDING_TIMEOUT_MS',
    'VECTOR_TIMEOUT_MS',
    'LEXICAL_TIMEOUT_MS',
    'GENERATION_TIMEOUT_MS',
    'RERANK_TIMEOUT_MS',
    'CATALOG_TIMEOUT_MS',
    'CACHE_READ_TIMEOUT_MS',
    'CACHE_WRITE_TIMEOUT_MS',
    'ANSWER_CACHE_TIMEOUT_MS',
    'WRITE_TIMEOUT_MS',
    'MANY_DOCUMENTS_DEADLINE_MS',
  ].map((key) => ({ key, parse: parseApiConfig })),
  ...['CONVERT_TIMEOUT_MS', 'SOURCE_TIMEOUT_MS', 'INGEST_EMBEDDING_TIMEOUT_MS', 'CONFIRM_BUDGET_MS', 'LEASE_MS'].map(
    (key) => ({ key, parse: parseIngestConfig }),
  ),
])('(peers 16) how long a step may take is a setting with a default, and never no limit: $key', ({ key, parse }) => {
  const usual = parse(env);
  expect(usual).toMatchObject({ ok: true, value: { [key]: expect.any(Number) } });
  expect(parse({ ...env, [key]: '1234' })).toMatchObject({ ok: true, value: { [key]: 1_234 } });
  for (const none of ['0', 'Infinity', '1e9']) {
    expect(parse({ ...env, [key]: none })).toMatchObject({ ok: false, error: [{ key }] });
  }
});

test('no more documents in a request are allowed than D1 answers queries about', () => {
  expect(problemKeys({ MAX_DOCUMENTS_PER_REQUEST: MOST_DOCUMENTS_PER_REQUEST })).toEqual([]);
  expect(problemKeys({ MAX_DOCUMENTS_PER_REQUEST: MOST_DOCUMENTS_PER_REQUEST + 1 })).toEqual([
    'MAX_DOCUMENTS_PER_REQUEST',
  ]);
});

test('the metadata that Vectorize filters is a list, or a text of one, and nothing unless it is named', () => {
  const read = (changes: object) => {
    const parsed = parseApiConfig({ ...env, ...changes });
    return parsed.ok ? [...parsed.value.FILTERABLE_METADATA] : null;
  };
  expect(read({})).toEqual([]);
  expect(read({ FILTERABLE_METADATA: '' })).toEqual([]);
  expect(read({ FILTERABLE_METADATA: ['lang:string'] })).toEqual([['lang', 'string']]);
  expect(read({ FILTERABLE_METADATA: 'year:number, draft:boolean' })).toEqual([
    ['year', 'number'],
    ['draft', 'boolean'],
  ]);
});

test.each([
  [{ FILTERABLE_METADATA: ['lang'] }, ['FILTERABLE_METADATA']],
  [{ FILTERABLE_METADATA: ['lang:text'] }, ['FILTERABLE_METADATA']],
  [{ FILTERABLE_METADATA: ['lang.x:string'] }, ['FILTERABLE_METADATA']],
  [{ FILTERABLE_METADATA: ['lang:string', 'lang:number'] }, ['FILTERABLE_METADATA']],
  [{ FILTERABLE_METADATA: Array.from({ length: 11 }, (_, n) => `k${n}:string`) }, ['FILTERABLE_METADATA']],
  [{ BOOTSTRAP_KEY: undefined }, ['BOOTSTRAP_KEY']],
  [{ BOOTSTRAP_KEY: `not-a-key-${SECRET}` }, ['BOOTSTRAP_KEY']],
  [{ EMBEDDING_MODEL: '@cf/unknown/model' }, ['EMBEDDING_MODEL']],
  [{ REQUEST_DEADLINE_MS: 'soon' }, ['REQUEST_DEADLINE_MS']],
  [{ UPSTASH_REDIS_REST_URL: `ftp://${SECRET}` }, ['UPSTASH_REDIS_REST_URL']],
  [{ AI: undefined, DOCUMENTS: undefined }, ['AI', 'DOCUMENTS']],
  [{ VECTORIZE: undefined }, ['VECTORIZE']],
  [{ UPSTASH_VECTOR_PRIMARY_TOKEN: '' }, ['UPSTASH_VECTOR_PRIMARY_TOKEN']],
  [{ VECTOR_STORES: [] }, ['VECTOR_STORES']],
  [{ HOSTED_EMBEDDING: ['upstash:OTHER'] }, ['HOSTED_EMBEDDING']],
  [{ HOSTED_EMBEDDING: ['vectorize:VECTORIZE'] }, ['HOSTED_EMBEDDING']],
  [{ HOSTED_EMBEDDING: ['upstash:PRIMARY'], EMBEDDING_MODEL: '@cf/baai/bge-base-en-v1.5' }, ['HOSTED_EMBEDDING']],
  [{ CHUNK_MAX_TOKENS: 5_000 }, ['CHUNK_MAX_TOKENS']],
  [{ CHUNK_TARGET_TOKENS: 300, CHUNK_MAX_TOKENS: 200 }, ['CHUNK_TARGET_TOKENS']],
  [{ CHUNK_TARGET_TOKENS: 100, CHUNK_OVERLAP_TOKENS: 60 }, ['CHUNK_OVERLAP_TOKENS']],
  [{ VECTOR_STORES: ['pinecone:X'] }, ['VECTOR_STORES']],
  [{ SOURCE_TEST_ORIGINS: 'http://127.0.0.1:9999/' }, ['SOURCE_TEST_ORIGINS']],
  [{ SOURCE_TEST_ORIGINS: ['ftp://127.0.0.1'] }, ['SOURCE_TEST_ORIGINS']],
  [{ SOURCE_TEST_ORIGINS: '*' }, ['SOURCE_TEST_ORIGINS']],
  [{ SOURCE_PORTS: '8443, x' }, ['SOURCE_PORTS']],
  [{ VECTOR_STORES: ['vectorize:VECTORIZE', 'vectorize:VECTORIZE'] }, ['VECTOR_STORES']],
])('a bad configuration names its keys and never a value: %o', (changes, keys) => {
  expect(problemKeys(changes)).toEqual(keys);
});

test('documents are read from the public internet alone unless more is said', () => {
  const policyOf = (changes: Record<string, unknown>) => {
    const parsed = parseApiConfig({ ...env, ...changes });
    return parsed.ok ? parsed.value.sourcePolicy : null;
  };
  expect(policyOf({})).toEqual({ testOrigins: [], ports: [] });
  expect(policyOf({ SOURCE_TEST_ORIGINS: 'http://127.0.0.1:9999', SOURCE_PORTS: '8080, 8443' })).toEqual({
    testOrigins: ['http://127.0.0.1:9999'],
    ports: [8080, 8443],
  });
});

test('no reranker is configured unless one is named', () => {
  const rerankerOf = (changes: Record<string, unknown>) => {
    const parsed = parseApiConfig({ ...env, ...changes });
    return parsed.ok ? parsed.value.RERANKER_MODEL : undefined;
  };
  expect(rerankerOf({})).toBeNull();
  expect(rerankerOf({ RERANKER_MODEL: '' })).toBeNull();
  expect(rerankerOf({ RERANKER_MODEL: '@cf/baai/bge-reranker-base' })).toBe('@cf/baai/bge-reranker-base');
});
