import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestHarness } from 'wrangler';
import { type ControlClient, createControlClient } from '../../local/control/control-client.ts';
import { startLocalCloud } from '../../local/start-cloud.ts';

export const TEST_KEY = 'vgl_sk_local_test0001_TestTestTestTestTestTestTestTest';

const root = join(import.meta.dirname, '../..');

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

/** Both Workers as wrangler runs them, on a local cloud of their own. Nothing is left behind after `close`. */
export async function startVigil(vars: Record<string, string> = {}): Promise<VigilUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-test-'));
  const cloud = await startLocalCloud({
    stateDir: join(folder, 'state'),
    embeddingCacheDir: process.env.VIGIL_EMBEDDINGS ?? join(root, '.vigil/embeddings'),
    ports: { cloud: 0, redis: 0, vector: 0 },
    visibilityDelayMs: 50,
  });
  const workerVars = { ...cloud.env, BOOTSTRAP_KEY: TEST_KEY, ...vars };
  const deployment = (changed: Record<string, string>) => ({
    root,
    workers: ['api', 'ingest', 'cloud'].map((name) => ({
      configPath: `local/${name}.wrangler.toml`,
      vars: { ...workerVars, ...changed },
    })),
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
