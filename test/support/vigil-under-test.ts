import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestHarness, experimental_readRawConfig, type TestHarnessOptions } from 'wrangler';
import { type ControlClient, createControlClient } from '../../local/control/control-client.ts';
import { startLocalCloud } from '../../local/start-cloud.ts';

export const TEST_KEY = 'vgl_sk_local_test0001_TestTestTestTestTestTestTestTest';

/** Who answers is what tests look at: a moment's load on the machine must not have another store answer. */
const NO_HEDGING = { HEDGE_MIN_DELAY_MS: '60000' };

const root = join(import.meta.dirname, '../..');
const API_CONFIG = 'local/api.wrangler.toml';

type WorkerInput = TestHarnessOptions['workers'][number];
type InlineConfig = Extract<WorkerInput, { config: unknown }>['config'];
// Its declared type comes from a package that wrangler does not ship; this is the same one as exported.
const readConfig: (args: { config: string }) => { rawConfig: InlineConfig } = experimental_readRawConfig;

export interface VigilUnderTest {
  control: ControlClient;
  redis: { url: string; token: string };
  /** A request with the key, unless the headers say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  fetchWithoutKey(path: string): Promise<Response>;
  sweep(): Promise<void>;
  /** Both Workers anew, with these variables, on what is stored. */
  redeploy(vars: Record<string, string>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Both Workers as wrangler runs them, on a local cloud of their own. Nothing is left behind after `close`. With
 * `breakableBindings` faults of `d1` reach the API Worker; a call that hangs there waits until `close`.
 */
export async function startVigil(
  vars: Record<string, string> = {},
  { breakableBindings = false } = {},
): Promise<VigilUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-test-'));
  const cloud = await startLocalCloud({
    stateDir: join(folder, 'state'),
    embeddingCacheDir: process.env.VIGIL_EMBEDDINGS ?? join(root, '.vigil/embeddings'),
    ports: { cloud: 0, redis: 0, vector: 0 },
    visibilityDelayMs: 50,
    breakableBindings,
  });
  const workerVars = { ...cloud.env, BOOTSTRAP_KEY: TEST_KEY, ...NO_HEDGING, ...vars };
  const deployment = (changed: Record<string, string>) => ({
    root,
    workers: [
      apiWorker({ ...workerVars, ...changed }, breakableBindings),
      { configPath: 'local/ingest.wrangler.toml', vars: { ...workerVars, ...changed } },
      { configPath: 'local/cloud.wrangler.toml', vars: { ...workerVars, ...changed } },
    ],
  });
  const harness = createTestHarness(deployment({}));
  await harness.listen();
  const ingest = harness.getWorker('vigil-ingest');
  await ingest.applyD1Migrations('CATALOG_DB');
  await ingest.applyD1Migrations('LEXICAL_DB');
  return {
    control: createControlClient(cloud.urls.cloud),
    redis: { url: cloud.urls.redis, token: cloud.env.UPSTASH_REDIS_REST_TOKEN ?? '' },
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers);
      if (!headers.has('authorization')) headers.set('authorization', `Bearer ${TEST_KEY}`);
      // The harness's fetch is undici's, whose types differ from the global ones only in name.
      return harness.fetch(path, { ...init, headers } as never) as unknown as Promise<Response>;
    },
    fetchWithoutKey: (path) => harness.fetch(path) as unknown as Promise<Response>,
    async sweep() {
      await ingest.scheduled({ cron: '* * * * *' });
    },
    redeploy: (changed) => harness.update(deployment(changed)),
    async close() {
      await harness.close();
      await cloud.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** With breakable bindings: its own configuration, but for `main`. */
function apiWorker(vars: Record<string, string>, breakableBindings: boolean): WorkerInput {
  if (!breakableBindings) return { configPath: API_CONFIG, vars };
  const { rawConfig } = readConfig({ config: join(root, API_CONFIG) });
  return { config: { ...rawConfig, main: 'local/faulty-api.worker.ts', vars: { ...rawConfig.vars, ...vars } } };
}
