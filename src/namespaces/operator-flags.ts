import type { CacheStore } from '../cache/cache-store.ts';
import { operatorFlagsKey } from '../cache/keys.ts';
import type { OperatorFlagRecords } from '../catalog/operator-flag-records.ts';
import type { Clock } from '../clock.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { IsolationOrders } from '../resilience/guard-upstream.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { Defer } from '../telemetry/defer.ts';
import {
  decodeFlags,
  encodeFlags,
  isAhead,
  mergeFlags,
  type OperatorFlag,
  type OperatorFlags,
} from './operator-flag.ts';

/** What an isolate remembers of operators' orders; plain data, so that any request may use it. */
export interface KnownFlags {
  flags: OperatorFlags;
  readAtMs: number;
  attemptedAtMs: number;
  failedAtMs: number;
}

export function createKnownFlags(): KnownFlags {
  const never = Number.NEGATIVE_INFINITY;
  return { flags: {}, readAtMs: never, attemptedAtMs: never, failedAtMs: never };
}

export interface OperatorFlagBoard extends IsolationOrders {
  /** Obeyed here at once and everywhere within the trust time. Fails when no copy of the orders took it. */
  order(
    dependency: string,
    state: OperatorFlag['state'],
    changedBy: string,
    deadline: Deadline,
  ): Promise<Result<void, UpstreamError>>;
  known(): Readonly<KnownFlags>;
  /** Reads other keys by the very command that reads the orders, when that is due; else `null`. */
  readWith(keys: string[]): Promise<Result<(string | null)[], UpstreamError>> | null;
}

export interface OperatorFlagBoardOptions {
  known: KnownFlags;
  /**
   * Both without a breaker: orders must be readable whatever the orders are. Two copies, each enough to be obeyed:
   * the cache is asked first, the records repair it and are repaired by it.
   */
  cache: CacheStore;
  records: OperatorFlagRecords;
  clock: Clock;
  defer: Defer;
  refreshMs: number;
  trustMs: number;
  cacheTimeoutMs: number;
  recordsTimeoutMs: number;
}

const TTL_SECONDS = 24 * 60 * 60;

/** One request's access to operators' orders, through its isolate's memory of them. */
export function createOperatorFlagBoard(options: OperatorFlagBoardOptions): OperatorFlagBoard {
  const { known, cache, records, clock, defer, refreshMs, trustMs } = options;
  let own: Promise<void> | null = null;

  function learn(flags: OperatorFlags): void {
    known.flags = mergeFlags(known.flags, flags);
    known.readAtMs = clock.nowMs();
  }

  function writeCache(flags: OperatorFlags, deadline: Deadline) {
    const value = encodeFlags({ checkedAtMs: clock.nowMs(), flags });
    return cache.setMany([{ key: operatorFlagsKey(), value }], TTL_SECONDS, deadline);
  }

  /** Reads the records, and brings both copies to the newer order of each dependency. */
  async function compare(isCacheUp: boolean): Promise<boolean> {
    const deadline = deadlineIn(clock, options.recordsTimeoutMs);
    const recorded = await records.read(deadline);
    if (!recorded.ok) return false;
    learn(recorded.value);
    const newest = known.flags;
    if (isAhead(newest, recorded.value)) defer('operator-flags.record', records.merge(newest, deadline));
    if (isCacheUp) defer('operator-flags.cache', writeCache(newest, deadlineIn(clock, options.recordsTimeoutMs)));
    return true;
  }

  function readCopy(others: string[]): ReturnType<CacheStore['getMany']> {
    known.attemptedAtMs = clock.nowMs();
    return cache.getMany([operatorFlagsKey(), ...others], deadlineIn(clock, options.cacheTimeoutMs));
  }

  async function take(found: Result<(string | null)[], UpstreamError>): Promise<void> {
    const copy = found.ok ? decodeFlags(found.value[0] ?? null) : null;
    if (copy !== null) {
      learn(copy.flags);
      // Nobody waits for the comparison: it finds only what one copy missed.
      if (clock.nowMs() - copy.checkedAtMs >= trustMs - refreshMs) defer('operator-flags.compare', compare(true));
      return;
    }
    if (!(await compare(found.ok))) known.failedAtMs = clock.nowMs();
  }

  const read = async () => take(await readCopy([]));

  /** The reading under way in this request: all its calls wait for one. */
  function keepAsOwn(reading: Promise<void>): Promise<void> {
    own = reading.finally(() => {
      own = null;
    });
    return own;
  }

  return {
    isIsolated: (dependency) => known.flags[dependency]?.state === 'isolated',

    refresh() {
      const nowMs = clock.nowMs();
      const ageMs = nowMs - known.readAtMs;
      if (ageMs < refreshMs) return null;
      // When neither copy can be read, the orders last known stand: an outage gives no orders, and nobody waits for it.
      if (ageMs >= trustMs && nowMs - known.failedAtMs >= trustMs) {
        return own ?? keepAsOwn(read());
      }
      const isUnderWay = own !== null || nowMs - known.attemptedAtMs < refreshMs;
      if (!isUnderWay) defer('operator-flags.refresh', read());
      return null;
    },

    async order(dependency, state, changedBy, deadline) {
      // Both copies are written whole: not from an old memory.
      await read();
      const changedAtMs = Math.max(clock.nowMs(), (known.flags[dependency]?.changedAtMs ?? 0) + 1);
      const flags = mergeFlags(known.flags, { [dependency]: { state, changedAtMs, changedBy } });
      const [recorded, cached] = await Promise.all([records.merge(flags, deadline), writeCache(flags, deadline)]);
      if (!recorded.ok && !cached.ok) return fail(recorded.error);
      known.flags = mergeFlags(known.flags, recorded.ok ? recorded.value : flags);
      return succeed(undefined);
    },

    known: () => known,

    readWith(keys) {
      const nowMs = clock.nowMs();
      const isDue = nowMs - known.readAtMs >= refreshMs && nowMs - known.attemptedAtMs >= refreshMs;
      if (own !== null || !isDue) return null;
      const found = readCopy(keys);
      // A call that waits for the orders waits for this; when they are young enough, nobody does.
      defer('operator-flags.refresh', keepAsOwn(found.then(take)));
      return found.then((values) => (values.ok ? succeed(values.value.slice(1)) : values));
    },
  };
}
