import type { Deadline } from '../../resilience/deadline.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import type { LexicalContents } from '../../retrieval/lexical/lexical-contents.ts';
import { LEXICAL } from '../../retrieval/lexical/lexical-index.ts';
import type { StoredChunk } from '../../retrieval/passage.ts';
import type { ListChunkIds, VectorStore } from '../../retrieval/vector-store.ts';
import { forgetChunks } from '../forget-chunks.ts';

/** Whatever holds chunks, as far as a comparison needs it. */
export interface ChunkStore {
  name: string;
  /** `null`: it cannot. */
  list: ListChunkIds | null;
  /** Any number of ids; those of which nothing usable is there are left out. */
  read(
    namespace: string,
    chunkIds: string[],
    deadline: Deadline,
  ): Promise<Result<Map<string, StoredChunk>, UpstreamError>>;
  /** Of any number of ids those that are there, usable or not. */
  present(namespace: string, chunkIds: string[], deadline: Deadline): Promise<Result<string[], UpstreamError>>;
  remove(namespace: string, chunkIds: string[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

export function chunkStoresOf(stores: VectorStore[], lexical: LexicalContents): ChunkStore[] {
  return [...stores.map(vectorChunks), lexicalChunks(lexical)];
}

function vectorChunks(store: VectorStore): ChunkStore {
  return {
    name: store.name,
    list: store.list,
    async read(namespace, chunkIds, deadline) {
      const found = new Map<string, StoredChunk>();
      for (let at = 0; at < chunkIds.length; at += store.maxFetch) {
        const records = await store.fetch(namespace, chunkIds.slice(at, at + store.maxFetch), deadline);
        if (!records.ok) return records;
        for (const [id, { chunk }] of records.value) found.set(id, chunk);
      }
      return succeed(found);
    },
    async present(namespace, chunkIds, deadline) {
      const found: string[] = [];
      for (let at = 0; at < chunkIds.length; at += store.maxFetch) {
        const present = await store.present(namespace, chunkIds.slice(at, at + store.maxFetch), deadline);
        if (!present.ok) return present;
        found.push(...present.value);
      }
      return succeed(found);
    },
    async remove(namespace, chunkIds, deadline) {
      const forgotten = await forgetChunks(store, namespace, chunkIds, deadline);
      return forgotten.ok ? succeed(undefined) : forgotten;
    },
  };
}

function lexicalChunks(lexical: LexicalContents): ChunkStore {
  return {
    name: LEXICAL,
    list: (namespace, cursor, deadline) => lexical.list(namespace, cursor, deadline),
    read: (namespace, chunkIds, deadline) => lexical.passages(namespace, chunkIds, deadline),
    async present(namespace, chunkIds, deadline) {
      const found = await lexical.passages(namespace, chunkIds, deadline);
      return found.ok ? succeed([...found.value.keys()]) : found;
    },
    remove: (namespace, chunkIds, deadline) => lexical.remove(namespace, chunkIds, deadline),
  };
}
