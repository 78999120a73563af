import type { CacheStore } from '../cache/cache-store.ts';
import { lastNamespaceStateKey, namespaceStateKey } from '../cache/keys.ts';
import type { NamespaceStateRecords } from '../catalog/namespace-state-records.ts';
import type { Clock } from '../clock.ts';
import { type Deadline, deadlineIn, deadlineWithin } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { Defer } from '../telemetry/defer.ts';
import { decodeState, EMPTY_STATE, encodeState, laterOf, type NamespaceState } from './namespace-state.ts';
import type { OperatorFlagBoard } from './operator-flags.ts';

/**
 * `known`: not older than the trust time; unless it `isConfirmed`, it is what was last known before the catalog went down.
 * `unknown`: nobody could say; the last that was heard, if anything ever was.
 */
export type StateReading =
  | { kind: 'known'; state: NamespaceState; isConfirmed: boolean }
  | { kind: 'unknown'; last: NamespaceState | null };

/** The latest that was heard, however old; `null` when nothing ever was. */
export function lastKnown(reading: StateReading): NamespaceState | null {
  return reading.kind === 'known' ? reading.state : reading.last;
}

/** One request's access to the states of namespaces, through its isolate's memory of them. */
export interface NamespaceStates {
  /** From memory where that is young enough; read anew in the background before it is too old. */
  current(namespace: string, deadline: Deadline): Promise<StateReading>;
  /**
   * Makes a change known that the catalog has just recorded: here at once, everywhere within the trust time. Whoever has
   * the state from the change itself says so: it is then known even if the catalog answers no more.
   */
  publish(
    namespace: string,
    deadline: Deadline,
    recorded?: NamespaceState,
  ): Promise<Result<NamespaceState, UpstreamError>>;
}

interface Known {
  state: NamespaceState;
  isConfirmed: boolean;
  readAtMs: number;
  attemptedAtMs: number;
}

/** What an isolate remembers; plain data, so that any request may use it. */
export type KnownStates = Map<string, Known>;

export interface NamespaceStatesOptions {
  known: KnownStates;
  /** Asked first. What stands there expires soon, so that a change it was not told of is missed for no longer. */
  cache: CacheStore;
  /** Orders have to be read as often: when they are due, one command reads both. */
  orders: Pick<OperatorFlagBoard, 'readWith'>;
  records: NamespaceStateRecords;
  /** The same, for whoever has changed the namespace and can wait longer than a question. */
  patientRecords: NamespaceStateRecords;
  clock: Clock;
  defer: Defer;
  refreshMs: number;
  trustMs: number;
  cacheTimeoutMs: number;
  recordsTimeoutMs: number;
}

// With the trust time this is the longest that a change can be missed whose writer did not reach the cache.
const TTL_SECONDS = 10;
// As long as any answer is kept.
const LAST_TTL_SECONDS = 26 * 60 * 60;
const MAX_NAMESPACES = 1_000;
const MAX_PUBLICATIONS = 5;

export function createNamespaceStates(options: NamespaceStatesOptions): NamespaceStates {
  const { known, cache, orders, records, patientRecords, clock, defer, refreshMs, trustMs } = options;
  const within = (timeoutMs: number, deadline: Deadline) => deadlineWithin(clock, timeoutMs, deadline);

  function learn(namespace: string, state: NamespaceState, isConfirmed = true): Known {
    const nowMs = clock.nowMs();
    const before = known.get(namespace);
    const later = before === undefined ? state : laterOf(before.state, state);
    const learnt = { state: later, isConfirmed, readAtMs: nowMs, attemptedAtMs: nowMs };
    known.delete(namespace);
    known.set(namespace, learnt);
    if (known.size > MAX_NAMESPACES) known.delete(known.keys().next().value ?? namespace);
    return learnt;
  }

  async function read(namespace: string, deadline: Deadline): Promise<Known | null> {
    const attempted = known.get(namespace);
    if (attempted !== undefined) attempted.attemptedAtMs = clock.nowMs();
    const keys = [namespaceStateKey(namespace), lastNamespaceStateKey(namespace)];
    const cached = await (orders.readWith(keys) ?? cache.getMany(keys, within(options.cacheTimeoutMs, deadline)));
    const [copyText = null, lastText = null] = cached.ok ? cached.value : [];
    const copy = decodeState(copyText);
    if (copy !== null) return learn(namespace, copy);
    const recorded = await records.read(namespace, within(options.recordsTimeoutMs, deadline));
    // Nothing can be changed while the catalog is down, so what was last known of it holds.
    if (!recorded.ok) {
      const last = decodeState(lastText);
      return last === null ? null : learn(namespace, last, false);
    }
    if (cached.ok && recorded.value !== null) defer('namespace-state.cache', copyToCache(namespace, recorded.value));
    return learn(namespace, recorded.value ?? EMPTY_STATE);
  }

  /** Only where nothing stands: what a writer put there meanwhile is newer than what was read. */
  async function copyToCache(namespace: string, state: NamespaceState): Promise<void> {
    const deadline = deadlineIn(clock, options.recordsTimeoutMs);
    const value = encodeState(state);
    const written = await cache.setIfAbsent({ key: namespaceStateKey(namespace), value }, TTL_SECONDS, deadline);
    if (!written.ok || !written.value) return;
    await cache.setMany([{ key: lastNamespaceStateKey(namespace), value }], LAST_TTL_SECONDS, deadline);
  }

  return {
    async current(namespace, deadline) {
      const nowMs = clock.nowMs();
      const memory = known.get(namespace);
      const ageMs = nowMs - (memory?.readAtMs ?? Number.NEGATIVE_INFINITY);
      const mayRead = deadline.remainingMs() > 0;
      if (memory !== undefined && ageMs < trustMs) {
        if (mayRead && ageMs >= refreshMs && nowMs - memory.attemptedAtMs >= refreshMs) {
          defer('namespace-state.refresh', read(namespace, deadlineIn(clock, trustMs)));
        }
        return { kind: 'known', state: memory.state, isConfirmed: memory.isConfirmed };
      }
      const found = mayRead ? await read(namespace, deadline) : null;
      if (found === null) return { kind: 'unknown', last: memory?.state ?? null };
      return { kind: 'known', state: found.state, isConfirmed: found.isConfirmed };
    },

    async publish(namespace, deadline, changed) {
      let published: NamespaceState | null = null;
      // Two who publish at once must not leave the older state behind: whoever comes last has looked after writing.
      for (let round = 0; round < MAX_PUBLICATIONS; round += 1) {
        const isTold = round === 0 && changed !== undefined;
        const recorded = isTold ? succeed(changed) : await patientRecords.read(namespace, deadline);
        if (!recorded.ok) return published === null ? fail(recorded.error) : succeed(published);
        const state = recorded.value ?? EMPTY_STATE;
        if (published !== null && isSame(published, state)) break;
        published = learn(namespace, state).state;
        const value = encodeState(state);
        const [written] = await Promise.all([
          cache.setMany([{ key: namespaceStateKey(namespace), value }], TTL_SECONDS, deadline),
          cache.setMany([{ key: lastNamespaceStateKey(namespace), value }], LAST_TTL_SECONDS, deadline),
        ]);
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
