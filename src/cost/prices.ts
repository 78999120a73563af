/** The day these figures were compiled from the pages named. US dollars, beyond the amounts the plans include. */
export const PRICES_DATED = '2026-11-22';

const WORKERS = 'https://developers.cloudflare.com/workers/platform/pricing/';
const WORKERS_AI = 'https://developers.cloudflare.com/workers-ai/platform/pricing/';
const VECTORIZE = 'https://developers.cloudflare.com/vectorize/platform/pricing/';
const D1 = 'https://developers.cloudflare.com/d1/platform/pricing/';
const KV = 'https://developers.cloudflare.com/kv/platform/pricing/';
const UPSTASH_REDIS = 'https://upstash.com/pricing/redis';
const UPSTASH_VECTOR = 'https://upstash.com/pricing/vector';
const LOCAL = 'computed on this machine by the local cloud: nobody sends a bill';

export interface Price {
  /** For `per` units. */
  usd: number;
  per: number;
  source: string;
}

const MILLION = 1_000_000;

export const WORKER_REQUEST: Price = { usd: 0.3, per: MILLION, source: WORKERS };
export const D1_ROW_READ: Price = { usd: 0.001, per: MILLION, source: D1 };
export const VECTORIZE_QUERIED_DIMENSION: Price = { usd: 0.01, per: MILLION, source: VECTORIZE };
/** A month. */
export const VECTORIZE_STORED_DIMENSION: Price = { usd: 0.05, per: 100 * MILLION, source: VECTORIZE };
/** Writes are billed by the vector. */
export const UPSTASH_VECTOR_WRITE: Price = { usd: 0.4, per: 100_000, source: UPSTASH_VECTOR };
export const UPSTASH_VECTOR_QUERY: Price = { usd: 0.4, per: 100_000, source: UPSTASH_VECTOR };
export const KV_READ: Price = { usd: 0.5, per: MILLION, source: KV };
export const KV_WRITE: Price = { usd: 5, per: MILLION, source: KV };
export const REDIS_COMMAND: Price = { usd: 0.2, per: 100_000, source: UPSTASH_REDIS };

/** Per input token. */
export const EMBEDDING_TOKEN: Readonly<Record<string, Price>> = {
  '@cf/baai/bge-m3': { usd: 0.012, per: MILLION, source: WORKERS_AI },
  '@cf/baai/bge-small-en-v1.5': { usd: 0.02, per: MILLION, source: WORKERS_AI },
  '@cf/baai/bge-base-en-v1.5': { usd: 0.067, per: MILLION, source: WORKERS_AI },
  'local/all-MiniLM-L6-v2': { usd: 0, per: MILLION, source: LOCAL },
};

/** Per token of a passage and the question read with it. */
export const RERANK_TOKEN: Readonly<Record<string, Price>> = {
  '@cf/baai/bge-reranker-base': { usd: 0.0031, per: MILLION, source: WORKERS_AI },
  'local/term-overlap-reranker': { usd: 0, per: MILLION, source: LOCAL },
};

export interface GenerationPrice {
  prompt: Price;
  completion: Price;
}

export const GENERATION_TOKEN: Readonly<Record<string, GenerationPrice>> = {
  '@cf/ibm-granite/granite-4.0-h-micro': perMillion(0.017, 0.112, WORKERS_AI),
  '@cf/meta/llama-3.1-8b-instruct-fp8-fast': perMillion(0.045, 0.384, WORKERS_AI),
  '@cf/meta/llama-3.2-3b-instruct': perMillion(0.051, 0.335, WORKERS_AI),
  '@cf/qwen/qwen3-30b-a3b-fp8': perMillion(0.051, 0.335, WORKERS_AI),
  '@cf/zai-org/glm-4.7-flash': perMillion(0.06, 0.4, WORKERS_AI),
  '@cf/google/gemma-4-26b-a4b-it': perMillion(0.1, 0.3, WORKERS_AI),
  '@cf/zai-org/glm-5.3-flash': perMillion(0.15, 0.5, WORKERS_AI),
  '@cf/openai/gpt-oss-20b': perMillion(0.2, 0.3, WORKERS_AI),
  '@cf/meta/llama-4-scout-17b-16e-instruct': perMillion(0.27, 0.85, WORKERS_AI),
  '@cf/meta/llama-3.3-70b-instruct-fp8-fast': perMillion(0.293, 2.253, WORKERS_AI),
  '@cf/openai/gpt-oss-120b': perMillion(0.35, 0.75, WORKERS_AI),
  '@cf/deepseek-ai/deepseek-v4-flash-0731': perMillion(0.44, 1.32, WORKERS_AI),
  '@cf/qwen/qwen3.8-27b': perMillion(0.45, 3.2, WORKERS_AI),
  '@cf/nvidia/nemotron-3-120b-a12b': perMillion(0.5, 1.5, WORKERS_AI),
  'local/passage-composer': perMillion(0, 0, LOCAL),
  'local/passage-composer-chat': perMillion(0, 0, LOCAL),
};

function perMillion(prompt: number, completion: number, source: string): GenerationPrice {
  return {
    prompt: { usd: prompt, per: MILLION, source },
    completion: { usd: completion, per: MILLION, source },
  };
}
