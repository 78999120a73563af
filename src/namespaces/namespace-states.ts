import type { CacheStore } from '../cache/cache-store.ts';
import { namespaceStateKey } from '../cache/keys.ts';
import type { NamespaceStateRecords } from '../catalog/namespace-state-records.ts';
import type { Clock } from '../clock.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { Defer } from '../telemetry/defer.ts';
import { decodeState, EMPTY_STATE, encodeState, laterOf, type NamespaceState } from './namespace-state.ts';

/** `known`: not older than the trust time. `unknown`: nobody could say; the last that was heard, if anything ever was. */
export type StateReading = { kind: 'known'; state: NamespaceState } | { kind: 'unknown'; last: NamespaceState | null };

/** One request's access to the states of namespaces, through its isolate's memory of them. */
export interface NamespaceStates {
  /** From memory where that is young enough; read anew in the background before it is too old. */
  current(namespace: string, deadline: Deadline): Promise<StateReading>;
  /** Makes a change known that the catalog has just recorded: here at once, everywhere within the trust time. */
  publish(namespace: string, deadline: Deadline): Promise<Result<NamespaceState, UpstreamError>>;
}

interface Known {
  state: NamespaceState;
  readAtMs: number;
  attemptedAtMs: number;
}

/** What an isolate remembers; plain data, so that any request may use it. */
export type KnownStates = Map<string, Known>;

export interface NamespaceStatesOptions {
  known: KnownStates;
  /** Asked first. What stands there expires soon, so that a change it was not told of is missed for no longer. */
  cache: CacheStore;
  records: NamespaceStateRecords;
  clock: Clock;
  defer: Defer;
  refreshMs: number;
  trustMs: number;
  cacheTimeoutMs: number;
  recordsTimeoutMs: number;
}

// With the trust time this is the longest that a change can be missed whose writer did not reach the cache.
const TTL_SECONDS = 10;
const MAX_NAMESPACES = 1_000;
const MAX_PUBLICATIONS = 5;

export function createNamespaceStates(options: NamespaceStatesOptions): NamespaceStates {
  const { known, cache, records, clock, defer, refreshMs, trustMs } = options;
  const within = (timeoutMs: number, deadline: Deadline) =>
    deadlineIn(clock, Math.min(timeoutMs, deadline.remainingMs()));

  function learn(namespace: string, state: NamespaceState): NamespaceState {
    const nowMs = clock.nowMs();
    const before = known.get(namespace);
    const later = before === undefined ? state : laterOf(before.state, state);
    known.delete(namespace);
    known.set(namespace, { state: later, readAtMs: nowMs, attemptedAtMs: nowMs });
    if (known.size > MAX_NAMESPACES) known.delete(known.keys().next().value ?? namespace);
    return later;
  }

  async function read(namespace: string, deadline: Deadline): Promise<NamespaceState | null> {
    const attempted = known.get(namespace);
    if (attempted !== undefined) attempted.attemptedAtMs = clock.nowMs();
    const cached = await cache.getMany([namespaceStateKey(namespace)], within(options.cacheTimeoutMs, deadline));
    const copy = cached.ok ? decodeState(cached.value[0] ?? null) : null;
    if (copy !== null) return learn(namespace, copy);
    const recorded = await records.read(namespace, within(options.recordsTimeoutMs, deadline));
    if (!recorded.ok) return null;
    // Only where nothing stands: what a writer put there meanwhile is newer than what was read.
    if (cached.ok && recorded.value !== null) {
      const entry = { key: namespaceStateKey(namespace), value: encodeState(recorded.value) };
      defer(
        'namespace-state.cache',
        cache.setIfAbsent(entry, TTL_SECONDS, deadlineIn(clock, options.recordsTimeoutMs)),
      );
    }
    return learn(namespace, recorded.value ?? EMPTY_STATE);
  }

  return {
    async current(namespace, deadline) {
      const nowMs = clock.nowMs();
      const memory = known.get(namespace);
      const ageMs = nowMs - (memory?.readAtMs ?? Number.NEGATIVE_INFINITY);
      if (memory !== undefined && ageMs < trustMs) {
        if (ageMs >= refreshMs && nowMs - memory.attemptedAtMs >= refreshMs) {
          defer('namespace-state.refresh', read(namespace, deadlineIn(clock, trustMs)));
        }
        return { kind: 'known', state: memory.state };
      }
      const state = await read(namespace, deadline);
      return state === null ? { kind: 'unknown', last: memory?.state ?? null } : { kind: 'known', state };
    },

    async publish(namespace, deadline) {
      let published: NamespaceState | null = null;
      // Two who publish at once must not leave the older state behind: whoever comes last has looked after writing.
      for (let round = 0; round < MAX_PUBLICATIONS; round += 1) {
        const recorded = await records.read(namespace, deadline);
        if (!recorded.ok) return fail(recorded.error);
        const state = recorded.value ?? EMPTY_STATE;
        if (published !== null && isSame(published, state)) break;
        published = learn(namespace, state);
        const entry = { key: namespaceStateKey(namespace), value: encodeState(state) };
        const written = await cache.setMany([entry], TTL_SECONDS, deadline);
        // What stands in the cache expires by itself.
        if (!written.ok) break;
      }
      return succeed(published ?? EMPTY_STATE);
    },
  };
}

function isSame(a: NamespaceState, b: NamespaceState): boolean {
  return a.content === b.content && a.purge === b.purge;
}
