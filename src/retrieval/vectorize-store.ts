import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { parseAnswer } from '../resilience/bad-answer.ts';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { encodeChunkMetadata } from './chunk-metadata.ts';
import type { FilterableMetadata } from './filters/filterable-metadata.ts';
import { toVectorizeFilter } from './filters/to-vectorize-filter.ts';
import { numbersOf } from './numbers-of.ts';
import { readMatches } from './read-matches.ts';
import { readRecords } from './read-records.ts';
import type { VectorStore } from './vector-store.ts';
import { classifyVectorizeError } from './vectorize-errors.ts';

export type VectorizeBinding = Pick<Vectorize, 'query' | 'upsert' | 'deleteByIds' | 'getByIds' | 'describe'>;

// https://developers.cloudflare.com/vectorize/platform/limits/: 50 with full metadata.
const MAX_TOP_K = 50;

// Workers may send 1,000 vectors, but the runtime turns a batch into one JSON text, and nobody documents how many ids
// a delete takes: 100 is safe for both.
const MAX_BATCH = 100;

// On no page: the service's own answer to more is 40007, "too many ids in payload; max id count is 20".
const MAX_FETCH = 20;

// How long after a write a newer mutation that overlapped it settles the question of its visibility.
const OVERLAP_GRACE_MS = 5_000;

const queryAnswer = z.object({
  matches: z.array(z.object({ id: z.string(), score: z.number(), metadata: z.unknown() })),
});
const recordsAnswer = z.array(
  z.object({
    id: z.string(),
    values: z.union([z.array(z.number()), z.instanceof(Float32Array), z.instanceof(Float64Array)]),
    metadata: z.unknown(),
  }),
);
const presentAnswer = z.array(z.object({ id: z.string() }));
const mutationAnswer = z.object({ mutationId: z.string().min(1) });
// Typed as numbers, documented as an ISO date and a UUID; an index never written to has neither.
const describeAnswer = z.object({
  processedUpToDatetime: z.union([z.string(), z.number()]).nullish(),
  processedUpToMutation: z.union([z.string(), z.number()]).nullish(),
});
const receiptSchema = z.object({ mutationId: z.string(), fromMs: z.number(), toMs: z.number() });
type Receipt = z.infer<typeof receiptSchema>;

export interface VectorizeStoreOptions {
  name: string;
  index: VectorizeBinding;
  /** The index has metadata indexes of these, and had them before its first vector. */
  filterable: FilterableMetadata;
  /** How every vector in the index was made; an answer with any other is refused. */
  fingerprint: string;
  callUpstream: CallUpstream;
  clock: Clock;
  telemetry: Telemetry;
  queryTimeoutMs: number;
  /** Of everything that no question waits for. */
  writeTimeoutMs: number;
}

/** One Vectorize index with the cosine metric. Its writes are visible when the index has processed their mutation. */
export function createVectorizeStore(options: VectorizeStoreOptions): VectorStore {
  const { name, index, fingerprint, callUpstream, clock, telemetry } = options;
  const common = { dependency: name, classify: classifyVectorizeError };

  async function mutate(run: () => Promise<unknown>): Promise<string> {
    const fromMs = clock.nowMs();
    const { mutationId } = parseAnswer(mutationAnswer, await run());
    return JSON.stringify({ mutationId, fromMs, toMs: clock.nowMs() } satisfies Receipt);
  }

  return {
    name,
    maxBatch: MAX_BATCH,
    maxFetch: MAX_FETCH,

    // Vectorize hosts no models.
    queryText: null,

    query(query, deadline, signal) {
      const { namespace, vector, filter } = query;
      const call = { ...common, operation: 'query', deadline, timeoutMs: options.queryTimeoutMs, signal };
      const vectorizeFilter = filter && toVectorizeFilter(filter, options.filterable);
      const pageSize = filter === null ? Math.min(query.topK, MAX_TOP_K) : MAX_TOP_K;
      return callUpstream(call, async () => {
        const answer = await index.query(vector, {
          namespace,
          topK: pageSize,
          returnMetadata: 'all',
          ...(vectorizeFilter && { filter: vectorizeFilter }),
        });
        const { matches } = parseAnswer(queryAnswer, answer);
        return readMatches(matches, { query, pageSize, fingerprint, dependency: name, telemetry });
      });
    },

    upsert(namespace, records, deadline) {
      const call = { ...common, operation: 'upsert', deadline, timeoutMs: options.writeTimeoutMs };
      return callUpstream(call, () =>
        mutate(() =>
          index.upsert(
            records.map(({ chunk, values }) => ({
              id: chunk.chunkId,
              namespace,
              values: numbersOf(values),
              metadata: encodeChunkMetadata(chunk, fingerprint),
            })),
          ),
        ),
      );
    },

    delete(_namespace, chunkIds, deadline) {
      const call = { ...common, operation: 'delete', deadline, timeoutMs: options.writeTimeoutMs };
      // Ids are unique in the whole index: a chunk's id is a hash that includes its namespace.
      return callUpstream(call, () => mutate(() => index.deleteByIds(chunkIds)));
    },

    // Ids are unique in the whole index: a chunk's id is a hash that includes its namespace.
    present(_namespace, chunkIds, deadline) {
      const call = { ...common, operation: 'fetch', deadline, timeoutMs: options.writeTimeoutMs, idempotent: true };
      return callUpstream(call, async () => {
        const answer = parseAnswer(presentAnswer, await index.getByIds(chunkIds));
        return answer.map(({ id }) => id);
      });
    },

    fetch(namespace, chunkIds, deadline) {
      const call = { ...common, operation: 'fetch', deadline, timeoutMs: options.writeTimeoutMs, idempotent: true };
      return callUpstream(call, async () => {
        const answer = parseAnswer(recordsAnswer, await index.getByIds(chunkIds));
        return readRecords(answer, { namespace, fingerprint });
      });
    },

    // The REST API can, with an account's token; the binding cannot.
    list: null,

    isVisible(_namespace, receipt, deadline) {
      const call = { ...common, operation: 'describe', deadline, timeoutMs: options.queryTimeoutMs };
      return callUpstream(call, async () => {
        const described = parseAnswer(describeAnswer, await index.describe());
        return isProcessed(receiptSchema.parse(JSON.parse(receipt)), described, clock.nowMs());
      });
    },
  };
}

/**
 * Mutations are processed in order, so a later one proves ours, except that a writer whose call overlapped ours may
 * have come before it: that one only counts after a grace, or an index that is then left alone would never confirm.
 */
function isProcessed(receipt: Receipt, described: z.infer<typeof describeAnswer>, nowMs: number): boolean {
  if (String(described.processedUpToMutation) === receipt.mutationId) return true;
  const processedMs = new Date(described.processedUpToDatetime ?? Number.NaN).getTime();
  if (processedMs >= receipt.toMs) return true;
  return processedMs >= receipt.fromMs && nowMs >= receipt.toMs + OVERLAP_GRACE_MS;
}
