import { Index } from '@upstash/vector/cloudflare';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { namespaceName } from '../namespaces/namespace-name.ts';
import { parseAnswer } from '../resilience/bad-answer.ts';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { classifyUpstashError } from '../resilience/upstash-errors.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { encodeChunkMetadata } from './chunk-metadata.ts';
import { toUpstashFilter } from './filters/to-upstash-filter.ts';
import { numbersOf } from './numbers-of.ts';
import { readMatches } from './read-matches.ts';
import { readRecords } from './read-records.ts';
import type { StoreQuery, VectorMatches, VectorStore } from './vector-store.ts';

// https://upstash.com/docs/vector: 1,000 recommended; 200 vectors of 1,024 numbers are already 4 MB of JSON.
const MAX_BATCH = 200;
const MAX_TOP_K = 1_000;
// Whole records, the vector of each some 20 KB of JSON.
const MAX_FETCH = 100;
// Ids alone. The API's schema shows 1,000 reads as the most of one request.
const LIST_PAGE = 1_000;

// Passages travel whole, a few KB each: 200 for the 50 that a leg wants is what a query may cost.
const OVERFETCH = 4;

// `info` itself lags behind a write: an immediate zero says nothing yet.
const INFO_LAG_MS = 1_000;

const queryAnswer = z.array(z.object({ id: z.coerce.string(), score: z.number(), metadata: z.unknown() }));
const fetchAnswer = z.array(
  z.object({ id: z.coerce.string(), vector: z.array(z.number()), metadata: z.unknown() }).nullable(),
);
const presentAnswer = z.array(z.object({ id: z.coerce.string() }).nullable());
const rangeAnswer = z.object({
  nextCursor: z.coerce.string(),
  vectors: z.array(z.object({ id: z.coerce.string() })),
});
const upsertAnswer = z.literal('Success');
const deleteAnswer = z.object({ deleted: z.number() });
const infoAnswer = z.object({
  namespaces: z.record(z.string(), z.object({ pendingVectorCount: z.number() })),
});
const receiptSchema = z.object({ kind: z.enum(['upsert', 'delete']), atMs: z.number() });
type Receipt = z.infer<typeof receiptSchema>;

export interface UpstashStoreOptions {
  name: string;
  url: string;
  token: string;
  /** The index was created with a hosted copy of the deployment's embedding model. */
  hostsModel: boolean;
  /** How every vector in the index was made; an answer with any other is refused. */
  fingerprint: string;
  callUpstream: CallUpstream;
  clock: Clock;
  telemetry: Telemetry;
  queryTimeoutMs: number;
  /** Of everything that no question waits for. */
  writeTimeoutMs: number;
}

/** One Upstash Vector index, dense, with the cosine metric. */
export function createUpstashStore(options: UpstashStoreOptions): VectorStore {
  const { name, url, token, fingerprint, callUpstream, clock, telemetry } = options;
  const common = { dependency: name, classify: classifyUpstashError };

  // A signal belongs to a client, not to a call, so each call has its own client (it holds no connection). As a
  // function: a plain signal turns an aborted query into the value {}. `retry: false` would still send twice.
  function indexFor(signal: AbortSignal): Index {
    return new Index({
      url,
      token,
      signal: () => signal,
      retry: { retries: 0 },
      cache: false,
      enableTelemetry: false,
    });
  }

  function receiptOf(kind: Receipt['kind']): string {
    return JSON.stringify({ kind, atMs: clock.nowMs() } satisfies Receipt);
  }

  function search(
    query: StoreQuery,
    near: { vector: number[] } | { data: string },
    deadline: Deadline,
    cancel: AbortSignal | undefined,
  ): Promise<Result<VectorMatches, UpstreamError>> {
    const { namespace } = query;
    assertSafe(namespace);
    const operation = 'data' in near ? 'query-data' : 'query';
    const call = { ...common, operation, deadline, timeoutMs: options.queryTimeoutMs, signal: cancel };
    const upstashFilter = query.filter && toUpstashFilter(query.filter);
    const isWhole = query.filter === null || upstashFilter?.isWhole === true;
    const topK = Math.min(isWhole ? query.topK : query.topK * OVERFETCH, MAX_TOP_K);
    return callUpstream(call, async (signal) => {
      const filter = upstashFilter && { filter: upstashFilter.text };
      const answer = await indexFor(signal).query({ ...near, topK, includeMetadata: true, ...filter }, { namespace });
      // Upstash prints cosine as (1 + cos) / 2.
      const matches = parseAnswer(queryAnswer, answer).map((match) => ({ ...match, score: 2 * match.score - 1 }));
      return readMatches(matches, { query, pageSize: topK, fingerprint, dependency: name, telemetry });
    });
  }

  return {
    name,
    maxBatch: MAX_BATCH,
    maxFetch: MAX_FETCH,

    query: (query, deadline, signal) => search(query, { vector: numbersOf(query.vector) }, deadline, signal),

    queryText: options.hostsModel
      ? (query, deadline, signal) => search(query, { data: query.text }, deadline, signal)
      : null,

    upsert(namespace, records, deadline) {
      assertSafe(namespace);
      const call = { ...common, operation: 'upsert', deadline, timeoutMs: options.writeTimeoutMs };
      return callUpstream(call, async (signal) => {
        const vectors = records.map(({ chunk, values }) => ({
          id: chunk.chunkId,
          vector: numbersOf(values),
          metadata: encodeChunkMetadata(chunk, fingerprint),
        }));
        parseAnswer(upsertAnswer, await indexFor(signal).upsert(vectors, { namespace }));
        return receiptOf('upsert');
      });
    },

    delete(namespace, chunkIds, deadline) {
      assertSafe(namespace);
      const call = { ...common, operation: 'delete', deadline, timeoutMs: options.writeTimeoutMs };
      return callUpstream(call, async (signal) => {
        parseAnswer(deleteAnswer, await indexFor(signal).delete(chunkIds, { namespace }));
        return receiptOf('delete');
      });
    },

    present(namespace, chunkIds, deadline) {
      assertSafe(namespace);
      const call = { ...common, operation: 'fetch', deadline, timeoutMs: options.writeTimeoutMs, idempotent: true };
      return callUpstream(call, async (signal) => {
        const answer = parseAnswer(presentAnswer, await indexFor(signal).fetch(chunkIds, { namespace }));
        return answer.flatMap((record) => record?.id ?? []);
      });
    },

    fetch(namespace, chunkIds, deadline) {
      assertSafe(namespace);
      const call = { ...common, operation: 'fetch', deadline, timeoutMs: options.writeTimeoutMs, idempotent: true };
      return callUpstream(call, async (signal) => {
        const wanted = { includeMetadata: true, includeVectors: true, namespace };
        const answer = parseAnswer(fetchAnswer, await indexFor(signal).fetch(chunkIds, wanted));
        const found = answer.flatMap((record) => record ?? []);
        return readRecords(
          found.map(({ id, vector, metadata }) => ({ id, values: vector, metadata })),
          { namespace, fingerprint },
        );
      });
    },

    list(namespace, cursor, deadline) {
      assertSafe(namespace);
      const call = { ...common, operation: 'range', deadline, timeoutMs: options.writeTimeoutMs, idempotent: true };
      return callUpstream(call, async (signal) => {
        const page = { cursor: cursor ?? '0', limit: LIST_PAGE };
        const { nextCursor, vectors } = parseAnswer(rangeAnswer, await indexFor(signal).range(page, { namespace }));
        return { ids: vectors.map(({ id }) => id), nextCursor: nextCursor === '' ? null : nextCursor };
      });
    },

    isVisible(namespace, receipt, deadline) {
      const call = { ...common, operation: 'info', deadline, timeoutMs: options.queryTimeoutMs };
      return callUpstream(call, async (signal) => {
        const { kind, atMs } = receiptSchema.parse(JSON.parse(receipt));
        if (kind === 'upsert' && clock.nowMs() < atMs + INFO_LAG_MS) return false;
        const { namespaces } = parseAnswer(infoAnswer, await indexFor(signal).info());
        // An upsert creates its namespace, so an absent one has not arrived; nothing can be deleted from it either.
        return namespaces[namespace]?.pendingVectorCount === 0 || (kind === 'delete' && !namespaces[namespace]);
      });
    },
  };
}

// The client puts the namespace into the URL as it is: `../reset` would wipe the index.
function assertSafe(namespace: string): void {
  if (!namespaceName.safeParse(namespace).success) throw new RangeError('not a namespace name');
}
