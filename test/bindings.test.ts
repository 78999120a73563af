import { expect, test } from 'vitest';
import { type Unstable_Config as Config, unstable_readConfig } from 'wrangler';
import { DEFAULT_FILTERABLE_METADATA } from '../local/start-cloud.ts';

// Its declared type comes from a package that wrangler does not ship; this is the same one as exported.
const readConfig: (args: { config: string; env?: string }) => Config = unstable_readConfig;

function bindingNames(config: Config): string[] {
  return [
    config.ai?.binding,
    ...config.vectorize.map(({ binding }) => binding),
    ...(config.services ?? []).map(({ binding }) => binding),
    ...config.d1_databases.map(({ binding }) => binding),
    ...config.r2_buckets.map(({ binding }) => binding),
    ...config.kv_namespaces.map(({ binding }) => binding),
    ...(config.queues.producers ?? []).map(({ binding }) => binding),
    ...config.ratelimits.map(({ name }) => name),
  ]
    .filter((name) => name !== undefined)
    .sort();
}

// Staging's names end in -staging; what they bind must be the same.
function queues(config: Config): unknown {
  return (config.queues.consumers ?? []).map(({ queue, max_batch_size, max_retries, dead_letter_queue }) => ({
    queue: queue.replace('-staging', ''),
    max_batch_size,
    max_retries,
    dead_letter_queue: dead_letter_queue?.replace('-staging', ''),
  }));
}

const workers = [
  { name: 'vigil', production: 'wrangler.toml', local: 'local/api.wrangler.toml' },
  { name: 'vigil-ingest', production: 'queues/wrangler.toml', local: 'local/ingest.wrangler.toml' },
];

for (const { name, production, local } of workers) {
  test(`${name} finds the same bindings on the local cloud as in production`, () => {
    const expected = readConfig({ config: production });
    const actual = readConfig({ config: local });
    expect(actual.name).toBe(expected.name);
    expect(bindingNames(actual)).toEqual(bindingNames(expected));
    expect(queues(actual)).toEqual(queues(expected));
    expect(actual.compatibility_date).toBe(expected.compatibility_date);
    for (const variable of Object.keys(expected.vars)) expect(actual.vars).toHaveProperty(variable);
  });

  test(`${name} finds the same bindings in staging as in production`, () => {
    const expected = readConfig({ config: production });
    const actual = readConfig({ config: production, env: 'staging' });
    expect(bindingNames(actual)).toEqual(bindingNames(expected));
    expect(queues(actual)).toEqual(queues(expected));
    expect(Object.keys(actual.vars)).toEqual(Object.keys(expected.vars));
  });
}

test('both Workers agree on the embedding model and the vector stores', () => {
  for (const env of ['production', 'local'] as const) {
    const [api, ingest] = workers.map((worker) => readConfig({ config: worker[env] }).vars);
    expect(ingest?.EMBEDDING_MODEL).toBe(api?.EMBEDDING_MODEL);
    expect(ingest?.VECTOR_STORES).toEqual(api?.VECTOR_STORES);
  }
});

test('(peers 24) the API filters by the metadata indexes that the local cloud has', () => {
  expect(readConfig({ config: 'local/api.wrangler.toml' }).vars.FILTERABLE_METADATA).toEqual(
    DEFAULT_FILTERABLE_METADATA,
  );
});
