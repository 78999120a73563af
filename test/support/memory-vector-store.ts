import type { Clock } from '../../src/clock.ts';
import type { UpstreamError, UpstreamErrorClass } from '../../src/resilience/upstream-error.ts';
import { fail, succeed } from '../../src/result.ts';
import type { VectorStore } from '../../src/retrieval/vector-store.ts';

/** A vector store with nothing behind it that shows writes after a delay and fails when told to. */
export interface MemoryVectorStore extends VectorStore {
  /** Ids as queries see them, sorted. */
  visibleIds(): string[];
  failWith: UpstreamErrorClass | null;
  visibilityDelayMs: number;
  upsertedBatches: string[][];
}

export function createMemoryVectorStore(name: string, clock: Clock, maxBatch = 100): MemoryVectorStore {
  const records = new Map<string, { visibleAtMs: number; goneAtMs: number | null }>();

  function refusal(operation: string): UpstreamError | null {
    if (store.failWith === null) return null;
    const told = { class: store.failWith, code: 'TOLD', message: 'as the test wants', retryAfterMs: null };
    return { dependency: name, operation, ...told };
  }

  function write<T>(operation: string, items: T[], apply: (item: T, atMs: number) => void) {
    if (items.length === 0 || items.length > maxBatch) throw new RangeError(`${items.length} items in one call`);
    const error = refusal(operation);
    if (error !== null) return Promise.resolve(fail(error));
    const atMs = clock.nowMs() + store.visibilityDelayMs;
    for (const item of items) apply(item, atMs);
    return Promise.resolve(succeed(String(atMs)));
  }

  const store: MemoryVectorStore = {
    name,
    maxBatch,
    failWith: null,
    visibilityDelayMs: 0,
    upsertedBatches: [],
    visibleIds() {
      const nowMs = clock.nowMs();
      const visible = [...records].filter(([, { visibleAtMs, goneAtMs }]) => {
        return visibleAtMs <= nowMs && (goneAtMs === null || goneAtMs > nowMs);
      });
      return visible.map(([id]) => id).sort();
    },
    query: () => Promise.reject(new Error('not asked here')),
    queryText: null,
    upsert(_namespace, items) {
      return write('upsert', items, ({ chunk }, atMs) => {
        records.set(chunk.chunkId, { visibleAtMs: records.get(chunk.chunkId)?.visibleAtMs ?? atMs, goneAtMs: null });
      }).then((written) => {
        if (written.ok) store.upsertedBatches.push(items.map(({ chunk }) => chunk.chunkId));
        return written;
      });
    },
    delete(_namespace, chunkIds) {
      return write('delete', chunkIds, (id, atMs) => {
        const record = records.get(id);
        if (record !== undefined) records.set(id, { ...record, goneAtMs: atMs });
      });
    },
    async isVisible(_namespace, receipt) {
      const error = refusal('is-visible');
      return error === null ? succeed(clock.nowMs() >= Number(receipt)) : fail(error);
    },
  };
  return store;
}
