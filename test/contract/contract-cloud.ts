import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestHarness } from 'wrangler';
import { type ControlClient, createControlClient } from '../../local/control/control-client.ts';
import { startLocalCloud } from '../../local/start-cloud.ts';
import type { WorkersAiBinding } from '../../src/models/workers-ai-binding.ts';
import type { VectorizeBinding } from '../../src/retrieval/vectorize-store.ts';

export interface ContractEnv {
  AI: WorkersAiBinding;
  VECTORIZE: VectorizeBinding;
  LEXICAL_DB: D1Database;
  UPSTASH_REDIS_REST_URL: string;
  UPSTASH_REDIS_REST_TOKEN: string;
  UPSTASH_VECTOR_PRIMARY_URL: string;
  UPSTASH_VECTOR_PRIMARY_TOKEN: string;
}

export interface ContractCloud {
  env: ContractEnv;
  control: ControlClient;
  close(): Promise<void>;
}

/** The local cloud with an empty state, and the bindings of a Worker that is bound to it. */
export async function startContractCloud(): Promise<ContractCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-contract-'));
  const cloud = await startLocalCloud({
    stateDir: join(folder, 'state'),
    embeddingCacheDir: join(folder, 'embeddings'),
    ports: { cloud: 0, redis: 0, vector: 0 },
    visibilityDelayMs: 50,
  });
  for (const name of ['CLOUDFLARE_CF_FETCH_ENABLED', 'WRANGLER_SEND_METRICS']) process.env[name] = 'false';
  const harness = createTestHarness({
    root: join(import.meta.dirname, '../..'),
    workers: [
      {
        config: {
          name: 'contract',
          main: 'test/probe.worker.ts',
          compatibility_date: '2026-10-20',
          compatibility_flags: ['enable_abortsignal_rpc'],
          vars: cloud.env,
          services: [
            { binding: 'AI', service: 'vigil-local-cloud', entrypoint: 'WorkersAI' },
            {
              binding: 'VECTORIZE',
              service: 'vigil-local-cloud',
              entrypoint: 'Vectorize',
              props: { index: 'contract', instance: 'primary' },
            },
          ],
          d1_databases: [
            {
              binding: 'LEXICAL_DB',
              database_name: 'contract-lexical',
              database_id: 'contract-lexical',
              migrations_dir: 'migrations/lexical',
            },
          ],
        },
      },
      { configPath: 'local/cloud.wrangler.toml', vars: cloud.env },
    ],
  });
  await harness.listen();
  const worker = harness.getWorker<ContractEnv>('contract');
  await worker.applyD1Migrations('LEXICAL_DB');
  return {
    env: await worker.getEnv(),
    control: createControlClient(cloud.urls.cloud),
    async close() {
      await harness.close();
      await cloud.close();
      rmSync(folder, { recursive: true });
    },
  };
}
