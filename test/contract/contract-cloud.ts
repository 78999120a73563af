import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestHarness } from 'wrangler';
import { type ControlClient, createControlClient } from '../../local/control/control-client.ts';
import { startLocalCloud } from '../../local/start-cloud.ts';
import { type PortCall, readPortJson, writePortJson } from './port-json.ts';

export interface ContractCloud {
  /** The port of that name in the Worker; `properties` are those of its fields that are no methods. */
  port<T extends object>(name: PortCall['port'], properties: Partial<T>): T;
  control: ControlClient;
  close(): Promise<void>;
}

export const LOCAL_EMBEDDING_MODEL = 'local/all-MiniLM-L6-v2';

/** The local cloud with an empty state, and every adapter in a Worker bound to it. */
export async function startContractCloud(): Promise<ContractCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-contract-'));
  const cloud = await startLocalCloud({
    stateDir: join(folder, 'state'),
    embeddingCacheDir: join(folder, 'embeddings'),
    ports: { cloud: 0, redis: 0, vector: 0 },
    visibilityDelayMs: 50,
  });
  Object.assign(process.env, { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' });
  const harness = createTestHarness({
    root: join(import.meta.dirname, '../..'),
    workers: [
      {
        config: {
          name: 'contract',
          main: 'test/contract/adapters.worker.ts',
          compatibility_date: '2026-10-20',
          compatibility_flags: ['enable_abortsignal_rpc'],
          vars: { ...cloud.env, EMBEDDING_MODEL: LOCAL_EMBEDDING_MODEL },
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
  await harness.getWorker('contract').applyD1Migrations('LEXICAL_DB');

  async function call(port: PortCall['port'], method: string, args: unknown[]): Promise<unknown> {
    const response = await harness.fetch('/', { method: 'POST', body: writePortJson({ port, method, args }) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return readPortJson(text);
  }

  return {
    port<T extends object>(name: PortCall['port'], properties: Partial<T>): T {
      const port = new Proxy(properties, {
        get: (known, key) => {
          // A promise is looked for when a port is awaited.
          if (key in known || key === 'then') return Reflect.get(known, key);
          return (...args: unknown[]) => call(name, String(key), args);
        },
      });
      // Every other method is the adapter's, in the Worker.
      return port as T;
    },
    control: createControlClient(cloud.urls.cloud),
    async close() {
      await harness.close();
      await cloud.close();
      rmSync(folder, { recursive: true });
    },
  };
}
