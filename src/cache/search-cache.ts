import type * as z from 'zod';
import type { Clock } from '../clock.ts';
import type { MadeFrom } from '../namespaces/namespace-state.ts';
import type { NamespaceStates, StateReading } from '../namespaces/namespace-states.ts';
import { type Deadline, deadlineIn, deadlineWithin } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { Defer } from '../telemetry/defer.ts';
import { decodeEntry, type EntryUse, encodeEntry, type Lifetimes, useOf } from './cache-entry.ts';
import type { CacheStore } from './cache-store.ts';
import type { CacheMode, VectorReading } from './cached-embedder.ts';
import { type SearchKeyParts, searchKey } from './keys.ts';

/** What a search looks up before it begins. */
export interface SearchLookUp<T> {
  key: string;
  use: EntryUse;
  /** `null` when there is none, or it is of no use. */
  result: T | null;
  madeFrom: MadeFrom | null;
  outcome: 'read' | 'bypass' | 'unavailable';
  /** The namespace's state as it was then; not asked for under `no-store`. */
  reading: StateReading;
}

/** A look-up under way. */
export interface SearchLookingUp<T> {
  lookUp: Promise<SearchLookUp<T>>;
  /** What the cache has of the question's vector: read by the same command, and known before anything else is. */
  vector: Promise<VectorReading>;
}

/** Search results for questions asked before, with everything equal that can change them. */
export interface SearchCache<T> {
  begin(
    parts: SearchKeyParts,
    options: { mode: CacheMode; vectorKey: string },
    deadline: Deadline,
  ): Promise<SearchLookingUp<T>>;
  /** What a stored form is good for. */
  judge(value: string | null, reading: StateReading): Pick<SearchLookUp<T>, 'use' | 'result' | 'madeFrom'>;
  /** After the response: nobody waits for it. */
  keep(lookUp: SearchLookUp<T>, result: T, versions: MadeFrom['versions']): void;
}

export interface SearchCacheOptions<T> {
  store: CacheStore;
  schema: z.ZodType<T>;
  namespaceStates: Pick<NamespaceStates, 'current'>;
  clock: Clock;
  defer: Defer;
  readTimeoutMs: number;
  writeTimeoutMs: number;
}

const NOTHING = { use: 'none', result: null, madeFrom: null, reading: { kind: 'unknown', last: null } } as const;

const MINUTE_MS = 60_000;

/** Results are as they would be for 15 minutes; for the rest of an hour they are better than none. */
export const SEARCH_LIFETIMES: Lifetimes = { freshMs: 15 * MINUTE_MS, staleMs: 0, ifErrorMs: 45 * MINUTE_MS };
const TTL_SECONDS = 60 * 60;

// Upstash takes 10 MB a request; a result of this size is no answer to a question of a person.
const MAX_ENTRY_BYTES = 500_000;

export function createSearchCache<T>(options: SearchCacheOptions<T>): SearchCache<T> {
  const { store, schema, namespaceStates, clock, defer } = options;

  async function read(
    keys: [search: string, vector: string],
    deadline: Deadline,
  ): Promise<Result<[search: string | null, vector: string | null], UpstreamError>> {
    const found = await store.getMany(keys, deadlineWithin(clock, options.readTimeoutMs, deadline));
    if (!found.ok) return found;
    const [search = null, vector = null] = found.value;
    return succeed([search, vector]);
  }

  function judge(value: string | null, reading: StateReading): Pick<SearchLookUp<T>, 'use' | 'result' | 'madeFrom'> {
    const entry = decodeEntry(value, schema);
    const use = entry === null ? 'none' : useOf(entry, reading, clock.nowMs(), SEARCH_LIFETIMES);
    if (use === 'none' || entry === null) return { use: 'none', result: null, madeFrom: null };
    return { use, result: entry.payload, madeFrom: entry.madeFrom };
  }

  return {
    judge,

    async begin(parts, { mode, vectorKey }, deadline) {
      const key = await searchKey(parts);
      if (mode === 'no-store') return unread<T>(Promise.resolve({ ...NOTHING, key, outcome: 'bypass' }));
      const state = namespaceStates.current(parts.namespace, deadline);
      if (mode === 'reload') {
        return unread<T>(state.then((reading) => ({ ...NOTHING, key, outcome: 'bypass', reading })));
      }
      const found = read([key, vectorKey], deadline);
      return {
        vector: found.then((values) => (values.ok ? succeed(values.value[1]) : values)),
        lookUp: Promise.all([state, found]).then(([reading, values]) => {
          if (!values.ok) return { ...NOTHING, key, outcome: 'unavailable', reading };
          return { key, ...judge(values.value[0], reading), outcome: 'read', reading };
        }),
      };
    },

    keep({ key, reading }, result, versions) {
      if (reading.kind === 'unknown') return;
      const { content, purge } = reading.state;
      const value = encodeEntry({
        storedAtMs: clock.nowMs(),
        madeFrom: { content, purge, versions },
        payload: result,
      });
      if (value.length > MAX_ENTRY_BYTES) return;
      const deadline = deadlineIn(clock, options.writeTimeoutMs);
      defer('search-cache.write', store.setMany([{ key, value }], TTL_SECONDS, deadline));
    },
  };
}

function unread<T>(lookUp: Promise<SearchLookUp<T>>): SearchLookingUp<T> {
  return { lookUp, vector: Promise.resolve(null) };
}
