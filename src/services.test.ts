import { afterEach, expect, test, vi } from 'vitest';
import { createRedisFieldStore } from './cache/redis-field-store.ts';
import { createApiIsolate, createIngestIsolate } from './services.ts';

vi.mock('./cache/redis-field-store.ts', { spy: true });

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test.each([
  ['API', () => createApiIsolate().createServices],
  ['ingestion', () => createIngestIsolate()],
])('the %s Worker logs the keys of a configuration it refuses, each time, and no value', (_, createIsolate) => {
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  const createServices = createIsolate();
  const env = { ENVIRONMENT: 'hunter2', UPSTASH_REDIS_REST_URL: 'hunter2', EMBEDDING_MODEL: 'hunter2' };
  for (const _attempt of [1, 2]) expect(createServices(env, () => {}).ok).toBe(false);
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(JSON.parse(line)).toEqual({ event: 'config.invalid', keys: expect.arrayContaining(['ENVIRONMENT', 'AI']) });
    expect(line).not.toContain('hunter2');
  }
});

test('only the Worker that looks for similar questions makes a store for them', () => {
  const bindings = [
    'AI',
    'VECTORIZE',
    'CATALOG_DB',
    'LEXICAL_DB',
    'DOCUMENTS',
    'INGEST_QUEUE',
    'ANSWERS',
    'READ_RATE_LIMITER',
    'WRITE_RATE_LIMITER',
  ];
  const env = {
    ENVIRONMENT: 'local',
    EMBEDDING_MODEL: 'local/all-MiniLM-L6-v2',
    GENERATION_MODELS: ['local/passage-composer'],
    VECTOR_STORES: ['vectorize:VECTORIZE'],
    BOOTSTRAP_KEY: `vgl_sk_local_boot_${'S3cret'.repeat(6)}`,
    UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1',
    UPSTASH_REDIS_REST_TOKEN: 'a-token',
    ...Object.fromEntries(bindings.map((name) => [name, {}])),
  };
  vi.stubGlobal('caches', { default: {} });
  expect(createIngestIsolate()(env, () => {}).ok).toBe(true);
  expect(createRedisFieldStore).not.toHaveBeenCalled();
  expect(createApiIsolate().createServices(env, () => {}).ok).toBe(true);
  expect(createRedisFieldStore).toHaveBeenCalledOnce();
});
