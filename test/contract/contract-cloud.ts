import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlClient, createControlClient } from '../../local/control/control-client.ts';
import { DEFAULT_FILTERABLE_METADATA, startLocalCloud } from '../../local/start-cloud.ts';
import { type ContractWorker, startContractWorker } from './contract-worker.ts';

export interface ContractCloud {
  port: ContractWorker['port'];
  control: ControlClient;
  env: Record<string, string>;
  close(): Promise<void>;
}

export const LOCAL_EMBEDDING_MODEL = 'local/all-MiniLM-L6-v2';

/** Of the local cloud, from its environment. */
export function openAiEndpoint(env: Record<string, string>): { baseUrl: string; key: string; model: string } {
  const variable = (name: string) => env[`GENERATOR_LOCAL_${name}`] ?? '';
  return { baseUrl: variable('URL'), key: variable('KEY'), model: variable('MODEL') };
}

/** The local cloud with an empty state, and every adapter in a Worker bound to it. */
export async function startContractCloud(): Promise<ContractCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-contract-'));
  const cloud = await startLocalCloud({
    stateDir: join(folder, 'state'),
    embeddingCacheDir: join(folder, 'embeddings'),
    ports: { cloud: 0, redis: 0, vector: 0 },
    visibilityDelayMs: 50,
    filterableMetadata: ['lang:string', 'year:number', 'draft:boolean'],
  });
  const variable = (name: string) => cloud.env[name] ?? '';
  const worker = await startContractWorker(
    {
      embeddingModel: LOCAL_EMBEDDING_MODEL,
      generationModel: 'local/passage-composer',
      chatGenerationModel: 'local/passage-composer-chat',
      openAi: openAiEndpoint(cloud.env),
      timeoutMs: 5_000,
      filterable: [...DEFAULT_FILTERABLE_METADATA],
      redis: { url: variable('UPSTASH_REDIS_REST_URL'), token: variable('UPSTASH_REDIS_REST_TOKEN') },
      vector: { url: variable('UPSTASH_VECTOR_PRIMARY_URL'), token: variable('UPSTASH_VECTOR_PRIMARY_TOKEN') },
    },
    {
      compatibility_flags: ['enable_abortsignal_rpc'],
      services: [
        { binding: 'AI', service: 'vigil-local-cloud', entrypoint: 'WorkersAI' },
        {
          binding: 'VECTORIZE',
          service: 'vigil-local-cloud',
          entrypoint: 'Vectorize',
          props: { index: 'contract', instance: 'primary' },
        },
      ],
      kv_namespaces: [{ binding: 'ANSWERS', id: 'contract-answers' }],
      d1_databases: [
        {
          binding: 'LEXICAL_DB',
          database_name: 'contract-lexical',
          database_id: 'contract-lexical',
          migrations_dir: 'migrations/lexical',
        },
      ],
    },
    [{ configPath: 'local/cloud.wrangler.toml', vars: cloud.env }],
  );
  await worker.applyD1Migrations('LEXICAL_DB');
  return {
    port: worker.port,
    control: createControlClient(cloud.urls.cloud),
    env: cloud.env,
    async close() {
      await worker.close();
      await cloud.close();
      rmSync(folder, { recursive: true });
    },
  };
}
