import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';
import type { MetadataFilter } from './filters/metadata-filter.ts';
import type { StoredChunk } from './passage.ts';

export interface VectorRecord {
  chunk: StoredChunk;
  values: Float32Array;
}

export interface VectorMatch {
  chunk: StoredChunk;
  /** Cosine similarity, −1 to 1, whatever scale the vendor prints. */
  score: number;
}

export interface StoreQuery {
  namespace: string;
  topK: number;
  /** Means what `matchesFilter` says, whatever the vendor can do of it. */
  filter: MetadataFilter | null;
}
export interface VectorQuery extends StoreQuery {
  vector: Float32Array;
}
/** For a store that makes the vector itself. */
export interface TextQuery extends StoreQuery {
  text: string;
}

export interface VectorMatches {
  /** Best first, at most `topK`, every one of them passing the filter. */
  matches: VectorMatch[];
  /** False when the vendor could not apply the whole filter and more matches may lie beyond what it gave. */
  isComplete: boolean;
}

/** What a store hands out for a write, to ask later whether queries can see it. Opaque outside its adapter. */
export type WriteReceipt = string;

/**
 * Whole records by id, at most `maxFetch` of them. Left out: what is not there, cannot be read, was made with another
 * model or chunker, or belongs to another namespace.
 */
export type FetchRecords = (
  namespace: string,
  chunkIds: string[],
  deadline: Deadline,
) => Promise<Result<Map<string, VectorRecord>, UpstreamError>>;

/** Which of the ids, at most `maxFetch` of them, have a record there, whoever wrote it and with whatever. */
export type FindPresent = (
  namespace: string,
  chunkIds: string[],
  deadline: Deadline,
) => Promise<Result<string[], UpstreamError>>;

export interface ChunkIdPage {
  ids: string[];
  /** Where the next page begins; `null` after the last one. */
  nextCursor: string | null;
}

/** All ids of a namespace, a page at a time from the cursor `null` on; ids written or deleted meanwhile may be in it. */
export type ListChunkIds = (
  namespace: string,
  cursor: string | null,
  deadline: Deadline,
) => Promise<Result<ChunkIdPage, UpstreamError>>;

export type QueryText = (
  query: TextQuery,
  deadline: Deadline,
  signal?: AbortSignal,
) => Promise<Result<VectorMatches, UpstreamError>>;

export interface VectorStore {
  /** Reported as `servedBy.retrieval`: `vectorize`, `vectorize-replica`, `upstash`. */
  readonly name: string;
  /** Most vectors one `upsert` or `delete` call takes. */
  readonly maxBatch: number;
  /** Most ids one `fetch` or `present` call takes. */
  readonly maxFetch: number;
  /** `signal` ends the waiting, and the call too where the vendor hears of it. */
  query(query: VectorQuery, deadline: Deadline, signal?: AbortSignal): Promise<Result<VectorMatches, UpstreamError>>;
  /** The same by the index's own copy of the embedding model; `null` when it has none. */
  readonly queryText: QueryText | null;
  /** Replaces whole records of one namespace; repeating it changes nothing. At most `maxBatch` of them. */
  upsert(namespace: string, records: VectorRecord[], deadline: Deadline): Promise<Result<WriteReceipt, UpstreamError>>;
  /** Deleting an unknown id is no error. At most `maxBatch` ids. */
  delete(namespace: string, chunkIds: string[], deadline: Deadline): Promise<Result<WriteReceipt, UpstreamError>>;
  readonly fetch: FetchRecords;
  readonly present: FindPresent;
  /** `null` where the vendor cannot list. */
  readonly list: ListChunkIds | null;
  /** True once queries see every write up to the receipt's. */
  isVisible(namespace: string, receipt: WriteReceipt, deadline: Deadline): Promise<Result<boolean, UpstreamError>>;
}
