import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export interface CacheEntry {
  key: string;
  /** ASCII text: the owner of the key encodes and versions it. */
  value: string;
}

/** Values that may vanish at any time. Keys are made by `keys.ts` alone; every value expires. */
export interface CacheStore {
  readonly name: string;
  /** One round trip whatever the number of keys; `null` is a real miss, an error is an unavailable cache. */
  getMany(keys: string[], deadline: Deadline): Promise<Result<(string | null)[], UpstreamError>>;
  setMany(entries: CacheEntry[], ttlSeconds: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Leaves a value that is there already as it is; true when there was none. */
  setIfAbsent(entry: CacheEntry, ttlSeconds: number, deadline: Deadline): Promise<Result<boolean, UpstreamError>>;
}
