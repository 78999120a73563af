import * as z from 'zod';
import type { Quotas } from './catalog/quotas.ts';
import { type GeneratorConfig, resolveGenerators } from './generator-config.ts';
import { type Chunking, mostChunkTokens } from './ingest/chunk-size.ts';
import type { SourcePolicy } from './ingest/fetch-source/source-address.ts';
import type { EmbeddingModel } from './models/embedder.ts';
import { embeddingModelNamed } from './models/embedding-models.ts';
import { fail, type Result, succeed } from './result.ts';
import { filterableMetadata } from './retrieval/filters/filterable-metadata.ts';

/**
 * Variables come as TOML values in production and as strings from a secret, `.dev.vars` or the local stack:
 * both forms are read.
 */
const count = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);

/** 0 is none, and read as such. */
const quota = (fallback: number) =>
  z.coerce
    .number()
    .int()
    .min(0)
    .default(fallback)
    .transform((value) => value || null);
// A value that an origin is made of again: nothing after the port, no default port.
const origin = z
  .string()
  .refine(
    (value) => URL.canParse(value) && new URL(value).origin === value && /^https?:/.test(value),
    'entries look like http://127.0.0.1:9999',
  );

const list = z.preprocess(splitList, z.array(z.string()).min(1, 'must name at least one'));

const tokens = z.preprocess((value) => value || null, z.coerce.number().int().min(20).max(8_000).nullable());

/** At worst a request makes nearly as many queries of the catalog, and D1 answers 1,000 of one. */
export const MOST_DOCUMENTS_PER_REQUEST = 1_000;

const variables = z.object({
  ENVIRONMENT: z.enum(['production', 'staging', 'local']),
  EMBEDDING_MODEL: z.string(),
  VECTOR_STORES: list,
  /** Those of VECTOR_STORES whose index hosts EMBEDDING_MODEL itself: they embed questions while the model is down. */
  HOSTED_EMBEDDING: z.preprocess(splitList, z.array(z.string()).default([])),
  UPSTASH_REDIS_REST_URL: z.url({ protocol: /^https?$/ }),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  REQUEST_DEADLINE_MS: count(12_000, 60_000),
  EMBEDDING_TIMEOUT_MS: count(2_000, 60_000),
  VECTOR_TIMEOUT_MS: count(1_500, 60_000),
  LEXICAL_TIMEOUT_MS: count(1_000, 60_000),
  GENERATION_TIMEOUT_MS: count(6_000, 60_000),
  RERANK_TIMEOUT_MS: count(1_000, 60_000),
  CATALOG_TIMEOUT_MS: count(1_500, 60_000),
  CACHE_READ_TIMEOUT_MS: count(150, 10_000),
  WRITE_TIMEOUT_MS: count(10_000, 60_000),
  /** Of caches: short, because a write may be the first call to find out that a cache is back, and reads wait for it. */
  CACHE_WRITE_TIMEOUT_MS: count(2_000, 60_000),
  /** How old operators' orders may be before they are read again, and before they are no longer acted on unread. */
  OPERATOR_FLAGS_REFRESH_MS: count(2_000, 60_000),
  OPERATOR_FLAGS_TRUST_MS: count(5_000, 60_000),
  /** The same of what happened to a namespace, which every cached answer is judged by. */
  NAMESPACE_STATE_REFRESH_MS: count(2_000, 60_000),
  NAMESPACE_STATE_TRUST_MS: count(5_000, 60_000),
  /** What a namespace may hold that has no quotas of its own. */
  DEFAULT_MAX_DOCUMENTS: quota(1_000_000),
  DEFAULT_MAX_CHUNKS: quota(10_000_000),
  DEFAULT_MAX_BYTES: quota(100_000_000_000),
  /** Sizes of chunks in estimated tokens, the same in both Workers; absent: what suits EMBEDDING_MODEL. */
  CHUNK_TARGET_TOKENS: tokens,
  CHUNK_MAX_TOKENS: tokens,
  CHUNK_OVERLAP_TOKENS: z.coerce.number().int().min(0).max(4_000).default(0),
  /** Where documents may be read from beside the public internet: exact origins, for tests and the local stack. */
  SOURCE_TEST_ORIGINS: z.preprocess(splitList, z.array(origin).default([])),
  /** Ports they may be read from beside 80 and 443. */
  SOURCE_PORTS: z.preprocess(splitList, z.array(z.coerce.number().int().min(1).max(65_535)).default([])),
  /** One file's conversion. */
  CONVERT_TIMEOUT_MS: count(60_000, 600_000),
  /** Reading one address, redirects and body included. */
  SOURCE_TIMEOUT_MS: count(20_000, 600_000),
  MAX_SOURCE_BYTES: count(10_000_000, 25_000_000),
  /** Of the Markdown that one document is made. */
  MAX_CONVERTED_CHARACTERS: count(10_000_000, 25_000_000),
});

const apiVariables = variables.extend({
  BOOTSTRAP_KEY: z
    .string()
    .regex(/^vgl_sk_[a-z]+_[A-Za-z0-9]{4,32}_[A-Za-z0-9]{32,128}$/, 'must look like vgl_sk_<env>_<id>_<secret of 32+>'),
  GENERATION_MODELS: list,
  /** From one token of an answer to the next; GENERATION_TIMEOUT_MS is for the first. */
  GENERATION_IDLE_MS: count(5_000, 60_000),
  /** For all words of an answer that is read while it is written: REQUEST_DEADLINE_MS is for the first of them. */
  STREAM_DEADLINE_MS: count(60_000, 600_000),
  /** What the account may ask of all models of Workers AI together; 0: nobody counts. */
  GENERATIONS_PER_MINUTE: quota(300),
  /** The AI Gateway that generation by Workers AI goes through, by its id; empty: none. */
  AI_GATEWAY: z.preprocess((value) => value || null, z.string().nullable()),
  /** Absent or empty: passages are ranked without one. */
  RERANKER_MODEL: z.preprocess((value) => value || null, z.string().nullable()),
  /** What every Vectorize index has metadata indexes of. A key without one must not stand here: nothing would match. */
  FILTERABLE_METADATA: z.preprocess(splitList, filterableMetadata.prefault([])),
  /**
   * A vector store has at least this long before another one is asked too. The P95 of a very fast store moves by about
   * as much by itself. From VECTOR_TIMEOUT_MS on no other one ever is.
   */
  HEDGE_MIN_DELAY_MS: count(20, 60_000),
  /** How long a kept answer is looked for before a new one is made. */
  ANSWER_CACHE_TIMEOUT_MS: count(250, 10_000),
  /** Most tokens of passages in a prompt, and of an answer. */
  CONTEXT_TOKENS: count(3_000, 100_000),
  ANSWER_TOKENS: count(600, 8_000),
  MAX_DOCUMENT_BYTES: count(2_000_000, 25_000_000),
  /** Of one request with many documents, and how long accepting them may take together. */
  MAX_DOCUMENTS_PER_REQUEST: count(1_000, MOST_DOCUMENTS_PER_REQUEST),
  MAX_REQUEST_BYTES: count(50_000_000, 500_000_000),
  MANY_DOCUMENTS_DEADLINE_MS: count(30_000, 300_000),
  /** Of what has to be converted first, such as a PDF. A Worker holds it in memory, beside what it is sent on as. */
  MAX_FILE_BYTES: count(10_000_000, 25_000_000),
  MAX_QUESTION_CHARACTERS: count(2_000, 20_000),
  /** Documents are refused while more messages wait, or one waits longer. */
  MAX_QUEUE_BACKLOG: count(100_000, 10_000_000),
  MAX_QUEUE_AGE_MS: count(6 * 3_600_000, 14 * 86_400_000),
});

const ingestVariables = variables.extend({
  LEASE_MS: count(120_000, 900_000),
  REQUEUE_AFTER_MS: count(900_000, 86_400_000),
  INGEST_EMBEDDING_TIMEOUT_MS: count(60_000, 600_000),
  CONFIRM_BUDGET_MS: count(30_000, 600_000),
  MAX_ATTEMPTS: count(8, 100),
  SWEEP_LIMIT: count(2_000, 5_000),
  RECONCILE_INTERVAL_MS: count(86_400_000, 2_592_000_000),
  /** How old an original without a row has to be before it is removed: a request has its row within a minute, or never. */
  RECONCILE_ORPHAN_AGE_MS: count(3_600_000, 86_400_000),
  /** A share: where more of a store differs from the catalog, an operator has to say that it is to be repaired. */
  RECONCILE_MAX_DIFFERENCE: z.coerce.number().min(0).max(1).default(0.05),
  /** Of a batch's documents, which are in memory together: an isolate has 128 MB. */
  INGEST_BATCH_BYTES: count(8_000_000, 32_000_000),
});

export type VectorStoreConfig =
  | { vendor: 'vectorize'; name: string; binding: string }
  | { vendor: 'upstash'; name: string; url: string; token: string; hostsModel: boolean };

interface Resolved {
  defaultQuotas: Quotas;
  embeddingModel: EmbeddingModel;
  chunking: Chunking;
  sourcePolicy: SourcePolicy;
  vectorStores: VectorStoreConfig[];
}
export type ApiConfig = z.infer<typeof apiVariables> & Resolved & { generators: GeneratorConfig[] };
export type IngestConfig = z.infer<typeof ingestVariables> & Resolved;

/** A key and what is wrong with it; never its value, which may be a secret. */
export interface ConfigProblem {
  key: string;
  problem: string;
}

type Env = Record<string, unknown>;

const SHARED_BINDINGS = ['AI', 'CATALOG_DB', 'LEXICAL_DB', 'DOCUMENTS', 'INGEST_QUEUE'];

/** Checks every variable, secret and binding of the API Worker at once. */
export function parseApiConfig(env: Env): Result<ApiConfig, ConfigProblem[]> {
  const parsed = parseConfig(
    apiVariables,
    [...SHARED_BINDINGS, 'ANSWERS', 'READ_RATE_LIMITER', 'WRITE_RATE_LIMITER'],
    env,
  );
  const models = apiVariables.shape.GENERATION_MODELS.safeParse(env.GENERATION_MODELS);
  const problems: ConfigProblem[] = [];
  const report = (key: string, problem: string) => void problems.push({ key, problem });
  const generators = models.success ? resolveGenerators(models.data, env, report) : [];
  if (!parsed.ok) return fail([...parsed.error, ...problems]);
  return problems.length > 0 ? fail(problems) : succeed({ ...parsed.value, generators });
}

/** Checks every variable, secret and binding of the ingestion Worker at once. */
export function parseIngestConfig(env: Env): Result<IngestConfig, ConfigProblem[]> {
  return parseConfig(ingestVariables, SHARED_BINDINGS, env);
}

function parseConfig<T extends z.infer<typeof variables>>(
  schema: z.ZodType<T>,
  bindings: string[],
  env: Env,
): Result<T & Resolved, ConfigProblem[]> {
  const parsed = schema.safeParse(env);
  const problems: ConfigProblem[] = parsed.success
    ? []
    : parsed.error.issues.map((issue) => ({
        key: String(issue.path[0]),
        problem: env[String(issue.path[0])] === undefined ? 'is missing' : issue.message,
      }));
  for (const binding of bindings) {
    if (!isBinding(env[binding])) problems.push({ key: binding, problem: 'binding is missing' });
  }
  const model = embeddingModelNamed(String(env.EMBEDDING_MODEL));
  if (model === null && env.EMBEDDING_MODEL !== undefined) {
    problems.push({ key: 'EMBEDDING_MODEL', problem: 'is not a model Vigil knows (src/models/embedding-models.ts)' });
  }
  const stores = parsed.success ? resolveVectorStores(parsed.data, env, problems) : [];
  if (parsed.success && model !== null) {
    checkHostedEmbedding(parsed.data, model, problems);
    checkChunking(chunkingOf(parsed.data), model, problems);
  }
  if (!parsed.success || model === null || problems.length > 0) return fail(problems);
  const { DEFAULT_MAX_DOCUMENTS: documents, DEFAULT_MAX_CHUNKS: chunks, DEFAULT_MAX_BYTES: bytes } = parsed.data;
  const defaultQuotas = { documents, chunks, bytes };
  const { SOURCE_TEST_ORIGINS: testOrigins, SOURCE_PORTS: ports } = parsed.data;
  return succeed({
    ...parsed.data,
    defaultQuotas,
    embeddingModel: model,
    chunking: chunkingOf(parsed.data),
    sourcePolicy: { testOrigins, ports },
    vectorStores: stores,
  });
}

type StoreVariables = Pick<z.infer<typeof variables>, 'VECTOR_STORES' | 'HOSTED_EMBEDDING'>;

function resolveVectorStores(
  { VECTOR_STORES, HOSTED_EMBEDDING }: StoreVariables,
  env: Env,
  problems: ConfigProblem[],
): VectorStoreConfig[] {
  const stores = VECTOR_STORES.flatMap((spec) =>
    resolveVectorStore(spec, HOSTED_EMBEDDING.includes(spec), env, problems),
  );
  const names = new Set(stores.map((store) => store.name));
  if (names.size < stores.length) problems.push({ key: 'VECTOR_STORES', problem: 'names the same store twice' });
  return stores;
}

function checkHostedEmbedding(
  { VECTOR_STORES, HOSTED_EMBEDDING }: StoreVariables,
  model: EmbeddingModel,
  problems: ConfigProblem[],
): void {
  const key = 'HOSTED_EMBEDDING';
  if (HOSTED_EMBEDDING.some((spec) => !VECTOR_STORES.includes(spec) || !spec.startsWith('upstash:'))) {
    problems.push({ key, problem: 'names something else than upstash:NAME entries of VECTOR_STORES' });
  }
  if (HOSTED_EMBEDDING.length > 0 && model.hostedByUpstash !== true) {
    problems.push({ key, problem: 'Upstash does not host EMBEDDING_MODEL' });
  }
}

function chunkingOf(given: z.infer<typeof variables>): Chunking {
  return {
    targetTokens: given.CHUNK_TARGET_TOKENS,
    maxTokens: given.CHUNK_MAX_TOKENS,
    overlapTokens: given.CHUNK_OVERLAP_TOKENS,
  };
}

function checkChunking(
  { targetTokens, maxTokens, overlapTokens }: Chunking,
  model: EmbeddingModel,
  problems: ConfigProblem[],
): void {
  const most = mostChunkTokens(model);
  if ((maxTokens ?? 0) > most) {
    problems.push({ key: 'CHUNK_MAX_TOKENS', problem: `is more than ${most}, what EMBEDDING_MODEL has room for` });
  }
  if ((targetTokens ?? 0) > (maxTokens ?? most)) {
    problems.push({ key: 'CHUNK_TARGET_TOKENS', problem: `is more than the most a chunk may have` });
  }
  if (overlapTokens > (targetTokens ?? maxTokens ?? most) / 2) {
    problems.push({ key: 'CHUNK_OVERLAP_TOKENS', problem: 'is more than half a chunk' });
  }
}

function resolveVectorStore(
  spec: string,
  hostsModel: boolean,
  env: Env,
  problems: ConfigProblem[],
): VectorStoreConfig[] {
  const [vendor, id, ...rest] = spec.split(':');
  if (id === undefined || !/^[A-Z][A-Z0-9_]*$/.test(id) || rest.length > 0) {
    problems.push({ key: 'VECTOR_STORES', problem: 'entries look like vectorize:BINDING or upstash:NAME' });
    return [];
  }
  const suffix = id.toLowerCase().replaceAll('_', '-');
  if (vendor === 'vectorize') {
    if (!isBinding(env[id])) problems.push({ key: id, problem: 'binding is missing, VECTOR_STORES names it' });
    return [{ vendor, name: suffix, binding: id }];
  }
  if (vendor === 'upstash') {
    const url = z.url({ protocol: /^https?$/ }).safeParse(env[`UPSTASH_VECTOR_${id}_URL`]);
    const token = z.string().min(1).safeParse(env[`UPSTASH_VECTOR_${id}_TOKEN`]);
    if (!url.success) problems.push({ key: `UPSTASH_VECTOR_${id}_URL`, problem: 'is missing or not a URL' });
    if (!token.success) problems.push({ key: `UPSTASH_VECTOR_${id}_TOKEN`, problem: 'is missing' });
    if (!url.success || !token.success) return [];
    const name = id === 'PRIMARY' ? vendor : `${vendor}-${suffix}`;
    return [{ vendor, name, url: url.data, token: token.data, hostsModel }];
  }
  problems.push({ key: 'VECTOR_STORES', problem: 'entries look like vectorize:BINDING or upstash:NAME' });
  return [];
}

function splitList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function isBinding(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}
