import * as z from 'zod';
import type { LiveSuite } from '../../scripts/contract/live-plan.ts';
import { type ContractWorker, startContractWorker } from './contract-worker.ts';

const optional = z.string().default('');

const liveEnvironment = z.object({
  VIGIL_LIVE_SUITES: z.string().transform((names) => names.split(',')),
  VIGIL_LIVE_SCRATCH_NAME: z.string().regex(/^contract-[0-9a-f]{12}$/),
  VIGIL_LIVE_GENERATION_MODEL: z.string(),
  EMBEDDING_MODEL: z.string(),
  VIGIL_LIVE_VECTORIZE_INDEX: optional,
  VIGIL_LIVE_D1_DATABASE_ID: optional,
  UPSTASH_REDIS_REST_URL: optional,
  UPSTASH_REDIS_REST_TOKEN: optional,
  UPSTASH_VECTOR_PRIMARY_URL: optional,
  UPSTASH_VECTOR_PRIMARY_TOKEN: optional,
});

export type LiveAccounts = ReturnType<typeof readLiveAccounts>;

/** What `vigil contract --live` found in its environment and decided. */
export function readLiveAccounts(env: Record<string, string | undefined>) {
  const found = liveEnvironment.parse(env);
  return {
    runs: (...suites: LiveSuite[]) => suites.some((suite) => found.VIGIL_LIVE_SUITES.includes(suite)),
    scratchName: found.VIGIL_LIVE_SCRATCH_NAME,
    embeddingModel: found.EMBEDDING_MODEL,
    generationModel: found.VIGIL_LIVE_GENERATION_MODEL,
    vectorizeIndex: found.VIGIL_LIVE_VECTORIZE_INDEX,
    d1DatabaseId: found.VIGIL_LIVE_D1_DATABASE_ID,
    redis: { url: found.UPSTASH_REDIS_REST_URL, token: found.UPSTASH_REDIS_REST_TOKEN },
    vector: { url: found.UPSTASH_VECTOR_PRIMARY_URL, token: found.UPSTASH_VECTOR_PRIMARY_TOKEN },
  };
}

type Bindings = Parameters<typeof startContractWorker>[1];

/** The adapters on this machine, calling Upstash. */
export function startOnUpstash(accounts: LiveAccounts): Promise<ContractWorker> {
  return startContractWorker(settingsOf(accounts), {});
}

/** The adapters on this machine, their bindings forwarded to the account that wrangler is signed in to. */
export function startOnCloudflare(accounts: LiveAccounts): Promise<ContractWorker> {
  const bindings: Bindings = {
    ...(accounts.runs('embedder', 'generator') && { ai: { binding: 'AI', remote: true } }),
    ...(accounts.runs('vectorize') && {
      vectorize: [{ binding: 'VECTORIZE', index_name: accounts.vectorizeIndex, remote: true }],
    }),
    ...(accounts.runs('lexical') && {
      d1_databases: [
        {
          binding: 'LEXICAL_DB',
          database_name: 'vigil-scratch',
          database_id: accounts.d1DatabaseId,
          remote: true,
        },
      ],
    }),
  };
  return startContractWorker(settingsOf(accounts), bindings);
}

function settingsOf({ embeddingModel, generationModel, redis, vector }: LiveAccounts) {
  // Far above what an account needs: a slow line is no broken contract.
  const timeoutMs = 30_000;
  // A scratch index has no metadata indexes: filters are applied to what it returns.
  const openAi = { baseUrl: '', key: '', model: '' };
  const common = { timeoutMs, filterable: [], redis, vector, openAi };
  return { embeddingModel, generationModel, chatGenerationModel: generationModel, ...common };
}
