import type { FieldStore } from '../../src/cache/field-store.ts';
import { fail, succeed } from '../../src/result.ts';
import { anUpstreamError } from '../read-path-builders.ts';

export interface MemoryFieldStore extends FieldStore {
  hashes: Map<string, Map<string, string>>;
  /** The times given to keys, in order. */
  ttls: (number | null)[];
  isDown: boolean;
}

/** A field store with nothing behind it, which fails when told to. */
export function createMemoryFieldStore(): MemoryFieldStore {
  const unavailable = () => fail(anUpstreamError({ dependency: 'memory', code: 'TOLD' }));
  const store: MemoryFieldStore = {
    hashes: new Map(),
    ttls: [],
    isDown: false,
    async getFields(key, names) {
      return store.isDown ? unavailable() : succeed(names.map((name) => store.hashes.get(key)?.get(name) ?? null));
    },
    async setFields(key, fields, ttlSeconds) {
      if (store.isDown) return unavailable();
      const hash = store.hashes.get(key) ?? new Map();
      for (const { name, value } of fields) hash.set(name, value);
      store.hashes.set(key, hash);
      store.ttls.push(ttlSeconds);
      return succeed(undefined);
    },
  };
  return store;
}
