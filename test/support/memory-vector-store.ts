import type { Clock } from '../../src/clock.ts';
import type { UpstreamError, UpstreamErrorClass } from '../../src/resilience/upstream-error.ts';
import { fail, succeed } from '../../src/result.ts';
import type { VectorRecord, VectorStore } from '../../src/retrieval/vector-store.ts';

/** A vector store with nothing behind it that shows writes after a delay and fails when told to. */
export interface MemoryVectorStore extends VectorStore {
  /** Ids as queries see them, sorted. */
  visibleIds(): string[];
  failWith: UpstreamErrorClass | null;
  visibilityDelayMs: number;
  upsertedBatches: string[][];
}

interface KeptRecord {
  record: VectorRecord;
  visibleAtMs: number;
  goneAtMs: number | null;
}

interface MemoryStoreLimits {
  maxBatch?: number;
  maxFetch?: number;
  /** How many ids a page of the list has; `null`: it cannot list. */
  listPage?: number | null;
}

export function createMemoryVectorStore(
  name: string,
  clock: Clock,
  { maxBatch = 100, maxFetch = 20, listPage = null }: MemoryStoreLimits = {},
): MemoryVectorStore {
  const records = new Map<string, KeptRecord>();

  function isVisible({ visibleAtMs, goneAtMs }: KeptRecord): boolean {
    const nowMs = clock.nowMs();
    return visibleAtMs <= nowMs && (goneAtMs === null || goneAtMs > nowMs);
  }

  function visibleIn(namespace: string): string[] {
    const visible = [...records].filter(([, kept]) => kept.record.chunk.namespace === namespace && isVisible(kept));
    return visible.map(([id]) => id).sort();
  }

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
    maxFetch,
    failWith: null,
    visibilityDelayMs: 0,
    upsertedBatches: [],
    visibleIds() {
      const visible = [...records].filter(([, kept]) => isVisible(kept));
      return visible.map(([id]) => id).sort();
    },
    query: () => Promise.reject(new Error('not asked here')),
    queryText: null,
    upsert(_namespace, items) {
      return write('upsert', items, (record, atMs) => {
        const id = record.chunk.chunkId;
        records.set(id, { record, visibleAtMs: records.get(id)?.visibleAtMs ?? atMs, goneAtMs: null });
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
    async present(namespace, chunkIds, deadline) {
      const found = await store.fetch(namespace, chunkIds, deadline);
      return found.ok ? succeed([...found.value.keys()]) : found;
    },
    async fetch(namespace, chunkIds) {
      if (chunkIds.length > maxFetch) throw new RangeError(`${chunkIds.length} ids in one call`);
      const error = refusal('fetch');
      if (error !== null) return fail(error);
      const found = chunkIds.flatMap((id) => {
        const kept = records.get(id);
        const isThere = kept !== undefined && kept.record.chunk.namespace === namespace && isVisible(kept);
        return isThere ? [[id, kept.record] as const] : [];
      });
      return succeed(new Map(found));
    },
    list:
      listPage === null
        ? null
        : async (namespace, cursor) => {
            const error = refusal('list');
            if (error !== null) return fail(error);
            const ids = visibleIn(namespace).filter((id) => cursor === null || id > cursor);
            const page = ids.slice(0, listPage);
            return succeed({ ids: page, nextCursor: ids.length > listPage ? (page.at(-1) ?? null) : null });
          },
    async isVisible(_namespace, receipt) {
      const error = refusal('is-visible');
      return error === null ? succeed(clock.nowMs() >= Number(receipt)) : fail(error);
    },
  };
  return store;
}
