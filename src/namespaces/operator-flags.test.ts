import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { anUpstreamError } from '../../test/read-path-builders.ts';
import type { CacheStore } from '../cache/cache-store.ts';
import type { OperatorFlagRecords } from '../catalog/operator-flag-records.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import { fail, succeed } from '../result.ts';
import { decodeFlags, encodeFlags, mergeFlags, type OperatorFlags } from './operator-flag.ts';
import { createKnownFlags, createOperatorFlagBoard, type KnownFlags } from './operator-flags.ts';

/** Two copies of the orders, either of which may be down, and any number of isolates. */
function arrange() {
  const clock = createManualClock();
  const copies = {
    redis: null as string | null,
    records: {} as OperatorFlags,
    redisDown: false,
    redisHangs: false,
    recordsDown: false,
  };
  const reads = { redis: 0, records: 0 };
  const deferred: Promise<unknown>[] = [];
  const unavailable = fail(anUpstreamError());
  const cache: CacheStore = {
    name: 'redis',
    async getMany([, ...others]) {
      reads.redis += 1;
      if (copies.redisHangs) return new Promise(() => {});
      return copies.redisDown ? unavailable : succeed([copies.redis, ...others.map((key) => `${key}!`)]);
    },
    async setMany(entries) {
      if (copies.redisDown) return unavailable;
      copies.redis = entries[0]?.value ?? null;
      return succeed(undefined);
    },
    setIfAbsent: () => Promise.reject(new Error('orders replace orders')),
  };
  const records: OperatorFlagRecords = {
    async read() {
      reads.records += 1;
      return copies.recordsDown ? unavailable : succeed(copies.records);
    },
    async merge(flags) {
      if (copies.recordsDown) return unavailable;
      copies.records = mergeFlags(copies.records, flags);
      return succeed(copies.records);
    },
  };
  const request = (known: KnownFlags) =>
    createOperatorFlagBoard({
      known,
      cache,
      records,
      clock,
      defer: (_, promise) => void deferred.push(promise),
      refreshMs: 2_000,
      trustMs: 5_000,
      cacheTimeoutMs: 150,
      recordsTimeoutMs: 300,
    });
  const isolate = () => {
    const known = createKnownFlags();
    return () => request(known);
  };
  const settled = async () => {
    while (deferred.length > 0) await Promise.all(deferred.splice(0));
  };
  const order = (board: ReturnType<typeof request>, name: string, state: 'isolated' | 'released') =>
    board.order(name, state, 'boot', deadlineIn(clock, 1_000));
  return { clock, copies, reads, isolate, settled, order };
}

describe('an order', () => {
  test('is obeyed at once where it was given, and elsewhere before 5 s are over', async () => {
    const { clock, isolate, settled, order } = arrange();
    const [here, there] = [isolate(), isolate()];
    await there().refresh();
    await settled();
    clock.advance(1_900);
    expect((await order(here(), 'upstash', 'isolated')).ok).toBe(true);
    expect(here().isIsolated('upstash')).toBe(true);
    expect(there().isIsolated('upstash')).toBe(false);
    clock.advance(100);
    // This request still acts on what was known, and has it read again.
    expect(there().refresh()).toBeNull();
    await settled();
    expect(there().isIsolated('upstash')).toBe(true);
    await order(here(), 'upstash', 'released');
    clock.advance(5_000);
    await there().refresh();
    expect(there().isIsolated('upstash')).toBe(false);
  });

  test('is obeyed by the first request of a new isolate, which waits for it', async () => {
    const { isolate, order } = arrange();
    await order(isolate()(), 'redis', 'isolated');
    const fresh = isolate()();
    const reading = fresh.refresh();
    expect(reading).not.toBeNull();
    await reading;
    expect(fresh.isIsolated('redis')).toBe(true);
  });

  test.each([
    ['Redis', { redisDown: true }],
    ['the catalog', { recordsDown: true }],
  ])('is given and obeyed while %s is down, and outlives the other afterwards', async (_, outage) => {
    const { clock, copies, isolate, settled, order } = arrange();
    await order(isolate()(), 'vectorize', 'isolated');
    Object.assign(copies, outage);
    expect((await order(isolate()(), 'upstash', 'isolated')).ok).toBe(true);
    const during = isolate()();
    await during.refresh();
    expect([during.isIsolated('vectorize'), during.isIsolated('upstash')]).toEqual([true, true]);

    Object.assign(copies, { redisDown: false, recordsDown: false });
    clock.advance(4_000);
    await isolate()().refresh();
    await settled();
    // What was down has learned of it: now each alone tells.
    for (const down of [
      { redisDown: true, recordsDown: false },
      { redisDown: false, recordsDown: true },
    ]) {
      Object.assign(copies, down);
      const after = isolate()();
      await after.refresh();
      expect([after.isIsolated('vectorize'), after.isIsolated('upstash')]).toEqual([true, true]);
    }
  });

  test('fails when no copy takes it, and is not obeyed then', async () => {
    const { copies, isolate, order } = arrange();
    Object.assign(copies, { redisDown: true, recordsDown: true });
    const board = isolate()();
    expect((await order(board, 'upstash', 'isolated')).ok).toBe(false);
    expect(board.isIsolated('upstash')).toBe(false);
  });
});

describe('reading orders', () => {
  test('costs a busy isolate one look-up in 2 s, none of them waited for', async () => {
    const { clock, reads, isolate, settled } = arrange();
    const busy = isolate();
    await busy().refresh();
    await settled();
    const before = reads.redis;
    for (let ms = 0; ms < 20_000; ms += 50) {
      expect(busy().refresh()).toBeNull();
      await settled();
      clock.advance(50);
    }
    expect(reads.redis - before).toBeLessThanOrEqual(10);
    // The records are compared every 3 s whatever the number of isolates.
    expect(reads.records).toBeLessThanOrEqual(8);
  });

  test('makes nobody wait while neither copy can be read; the orders last known stand', async () => {
    const { clock, copies, isolate, settled, order } = arrange();
    const busy = isolate();
    await order(busy(), 'upstash', 'isolated');
    await busy().refresh();
    Object.assign(copies, { redisDown: true, recordsDown: true });
    clock.advance(5_000);
    await busy().refresh();
    let waits = 0;
    for (let ms = 0; ms < 30_000; ms += 100) {
      if (busy().refresh() !== null) waits += 1;
      await settled();
      clock.advance(100);
      expect(busy().isIsolated('upstash')).toBe(true);
    }
    expect(waits).toBe(0);
  });

  test('is done once for all the calls of a request', async () => {
    const { reads, isolate } = arrange();
    const board = isolate()();
    await Promise.all([board.refresh(), board.refresh(), board.refresh()]);
    expect(reads.redis).toBe(1);
  });

  test('asks the catalog when Redis has lost its copy, and gives Redis a new one', async () => {
    const { copies, isolate, settled, order } = arrange();
    await order(isolate()(), 'lexical', 'isolated');
    copies.redis = null;
    const board = isolate()();
    await board.refresh();
    expect(board.isIsolated('lexical')).toBe(true);
    await settled();
    expect(decodeFlags(copies.redis)?.flags.lexical?.state).toBe('isolated');
  });

  test.each(['', '{', '{"v":2}', '{"v":1,"flags":[]}'])('takes the copy %j for none', (text) => {
    expect(decodeFlags(text)).toBeNull();
  });
});

test('copies that meet agree, whichever way and however often they meet', async () => {
  const flag = fc.record({
    state: fc.constantFrom('isolated' as const, 'released' as const),
    changedAtMs: fc.integer({ min: 1, max: 1_000_000_000 }),
    changedBy: fc.constant('boot'),
  });
  const names = fc.constantFrom('redis', 'upstash', 'vectorize');
  // Of one dependency no two orders have the same time: each is later than the one before.
  const history = fc.array(fc.tuple(names, flag), { maxLength: 12 }).map((orders) => {
    const seen = new Set<string>();
    return orders.filter(([name, { changedAtMs }]) => {
      const key = `${name} ${changedAtMs}`;
      return seen.has(key) ? false : seen.add(key);
    });
  });
  await fc.assert(
    fc.property(history, fc.infiniteStream(fc.boolean()), (orders, here) => {
      let [a, b]: [OperatorFlags, OperatorFlags] = [{}, {}];
      for (const [name, given] of orders) {
        if (here.next().value) a = mergeFlags(a, { [name]: given });
        else b = mergeFlags(b, { [name]: given });
      }
      const merged = mergeFlags(a, b);
      expect(mergeFlags(b, a)).toEqual(merged);
      expect(mergeFlags(merged, a)).toEqual(merged);
      expect(decodeFlags(encodeFlags({ checkedAtMs: 1, flags: merged }))?.flags).toEqual(merged);
      for (const [name, { changedAtMs }] of Object.entries(merged)) {
        expect(changedAtMs).toBe(Math.max(...orders.filter(([n]) => n === name).map(([, given]) => given.changedAtMs)));
      }
    }),
    { seed: 1 },
  );
});

test('a request that goes away while reading leaves nothing that others wait for', async () => {
  const { clock, copies, isolate } = arrange();
  const requests = isolate();
  copies.redisHangs = true;
  void requests().refresh();
  copies.redisHangs = false;
  clock.advance(10);
  const next = requests();
  await next.refresh();
  expect(next.refresh()).toBeNull();
});

describe('a reading of other keys', () => {
  test('takes the orders along when they are due, and calls that wait for orders wait for it', async () => {
    const { reads, isolate, settled, order, clock } = arrange();
    await order(isolate()(), 'redis', 'isolated');
    const fresh = isolate()();
    reads.redis = 0;
    const others = fresh.readWith(['a', 'b']);
    await fresh.refresh();
    expect(fresh.isIsolated('redis')).toBe(true);
    expect(await others).toEqual({ ok: true, value: ['a!', 'b!'] });
    expect(reads.redis).toBe(1);
    await settled();
    expect(fresh.readWith(['a'])).toBeNull();
    clock.advance(2_000);
    expect(await fresh.readWith(['a'])).toEqual({ ok: true, value: ['a!'] });
  });

  test('fails with Redis, and the orders come from the catalog', async () => {
    const { copies, isolate, order } = arrange();
    await order(isolate()(), 'vectorize', 'isolated');
    copies.redisDown = true;
    const fresh = isolate()();
    expect((await fresh.readWith(['a']))?.ok).toBe(false);
    await fresh.refresh();
    expect(fresh.isIsolated('vectorize')).toBe(true);
  });
});
