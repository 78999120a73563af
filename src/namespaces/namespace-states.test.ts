import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { anUpstreamError, inSeconds } from '../../test/read-path-builders.ts';
import type { CacheStore } from '../cache/cache-store.ts';
import { lastNamespaceStateKey, namespaceStateKey } from '../cache/keys.ts';
import type { NamespaceStateRecords } from '../catalog/namespace-state-records.ts';
import { fail, succeed } from '../result.ts';
import { EMPTY_STATE, type NamespaceState } from './namespace-state.ts';
import { createNamespaceStates, type KnownStates, type NamespaceStatesOptions } from './namespace-states.ts';

type ReadWith = NamespaceStatesOptions['orders']['readWith'];

const soon = inSeconds(5);

/** The catalog, a cache that may be down, and any number of isolates. */
function arrange() {
  const clock = createManualClock();
  const catalog = { state: null as NamespaceState | null, isDown: false, reads: 0 };
  const redis = { value: null as string | null, expiresAtMs: 0, last: null as string | null, isDown: false, reads: 0 };
  const deferred: Promise<unknown>[] = [];
  const unavailable = fail(anUpstreamError());
  const standing = () => (clock.nowMs() < redis.expiresAtMs ? redis.value : null);
  const isLast = (key: string) => key === lastNamespaceStateKey('docs');
  const write = (value: string, ttlSeconds: number) => {
    redis.value = value;
    redis.expiresAtMs = clock.nowMs() + ttlSeconds * 1_000;
  };
  const cache: CacheStore = {
    name: 'redis',
    async getMany(keys) {
      redis.reads += 1;
      if (redis.isDown) return unavailable;
      return succeed(keys.map((key) => (isLast(key) ? redis.last : standing())));
    },
    async setMany([entry], ttlSeconds) {
      if (redis.isDown) return unavailable;
      const { key = '', value = '' } = entry ?? {};
      if (isLast(key)) redis.last = value;
      else write(value, ttlSeconds);
      return succeed(undefined);
    },
    async setIfAbsent({ value }, ttlSeconds) {
      if (redis.isDown) return unavailable;
      if (standing() !== null) return succeed(false);
      write(value, ttlSeconds);
      return succeed(true);
    },
  };
  const records: NamespaceStateRecords = {
    async read() {
      catalog.reads += 1;
      return catalog.isDown ? unavailable : succeed(catalog.state);
    },
    purge: () => Promise.reject(new Error('not asked here')),
  };
  const isolate = (known: KnownStates = new Map(), readWith: ReadWith = () => null) =>
    createNamespaceStates({
      known,
      cache,
      records,
      patientRecords: records,
      orders: { readWith },
      clock,
      defer: (_, promise) => void deferred.push(promise),
      refreshMs: 2_000,
      trustMs: 5_000,
      cacheTimeoutMs: 150,
      recordsTimeoutMs: 300,
    });
  const settle = async () => {
    while (deferred.length > 0) await Promise.all(deferred.splice(0));
  };
  const move = () => {
    const before = catalog.state ?? EMPTY_STATE;
    catalog.state = { ...before, content: before.content + 1 };
  };
  const publish = (states: ReturnType<typeof isolate>) => states.publish('docs', inSeconds(1, clock));
  return { clock, catalog, redis, isolate, settle, move, publish };
}

async function contentOf(states: ReturnType<ReturnType<typeof arrange>['isolate']>): Promise<number | null> {
  const reading = await states.current('docs', soon);
  return reading.kind === 'known' ? reading.state.content : null;
}

describe('the state of a namespace', () => {
  it('comes from the catalog once, then from the cache to other isolates, and from memory for 2 s', async () => {
    const { isolate, catalog, redis, settle, move, clock } = arrange();
    move();
    const here = isolate();
    expect(await contentOf(here)).toBe(1);
    await settle();
    expect(await contentOf(isolate())).toBe(1);
    clock.advance(1_999);
    await here.current('docs', soon);
    expect([catalog.reads, redis.reads]).toEqual([1, 2]);
  });

  it('is read again in the background from 2 s on, and waited for from 5 s on', async () => {
    const { isolate, settle, move, publish, clock } = arrange();
    const here = isolate();
    expect(await contentOf(here)).toBe(0);
    move();
    await publish(isolate());
    clock.advance(2_000);
    expect(await contentOf(here)).toBe(0);
    await settle();
    expect(await contentOf(here)).toBe(1);
    move();
    await publish(isolate());
    clock.advance(5_000);
    expect(await contentOf(here)).toBe(2);
  });

  it('is what it was last known to be while the catalog is down, however long that takes', async () => {
    const { isolate, catalog, move, publish, clock } = arrange();
    move();
    await publish(isolate());
    catalog.isDown = true;
    clock.advance(60 * 60_000);
    expect(await isolate().current('docs', soon)).toMatchObject({ state: { content: 1 }, isConfirmed: false });
    catalog.isDown = false;
    move();
    expect(await contentOf(isolate())).toBe(2);
  });

  it('that was last known is not put back by whoever read it before the writer did', async () => {
    const { isolate, catalog, move, publish, settle, clock } = arrange();
    move();
    // Read from the catalog, and not yet copied when the writer publishes the next one.
    expect(await contentOf(isolate())).toBe(1);
    move();
    await publish(isolate());
    await settle();
    catalog.isDown = true;
    clock.advance(60_000);
    expect(await isolate().current('docs', soon)).toMatchObject({ state: { content: 2 } });
  });

  it('that a change itself has told is known at once, though the catalog answers no more', async () => {
    const { isolate, catalog, move, clock } = arrange();
    move();
    const [here, there] = [isolate(), isolate()];
    expect([await contentOf(here), await contentOf(there)]).toEqual([1, 1]);
    catalog.isDown = true;
    const purged = { ...EMPTY_STATE, content: 1, purge: 1 };
    expect(await here.publish('docs', inSeconds(1, clock), purged)).toEqual({ ok: true, value: purged });
    expect(await here.current('docs', soon)).toMatchObject({ state: { purge: 1 } });
    clock.advance(5_000);
    expect(await there.current('docs', soon)).toMatchObject({ state: { purge: 1 } });
  });

  it('is read by the command that reads operators’ orders, when that is due', async () => {
    const { isolate, catalog, redis, move, publish } = arrange();
    move();
    await publish(isolate());
    const asked: string[][] = [];
    const together: ReadWith = async (keys) => {
      asked.push(keys);
      return succeed([redis.value, redis.last]);
    };
    const readsBefore = [catalog.reads, redis.reads];
    expect(await contentOf(isolate(new Map(), together))).toBe(1);
    expect(asked).toEqual([[namespaceStateKey('docs'), lastNamespaceStateKey('docs')]]);
    expect([catalog.reads, redis.reads]).toEqual(readsBefore);
  });

  it('is that of a namespace without documents where there is none, which nobody keeps', async () => {
    const { isolate, settle, redis } = arrange();
    expect(await isolate().current('docs', soon)).toEqual({ kind: 'known', state: EMPTY_STATE, isConfirmed: true });
    await settle();
    expect(redis.value).toBeNull();
  });

  it('is told by the catalog while the cache is down, and by the cache while the catalog is', async () => {
    const { isolate, catalog, redis, settle, move, publish } = arrange();
    move();
    redis.isDown = true;
    expect(await contentOf(isolate())).toBe(1);
    redis.isDown = false;
    await publish(isolate());
    catalog.isDown = true;
    expect(await contentOf(isolate())).toBe(1);
    await settle();
  });

  it('is unknown when both are down for longer than a memory may be trusted', async () => {
    const { isolate, catalog, redis, move, clock } = arrange();
    move();
    const here = isolate();
    await contentOf(here);
    catalog.isDown = true;
    redis.isDown = true;
    clock.advance(4_999);
    expect(await contentOf(here)).toBe(1);
    clock.advance(1);
    expect(await here.current('docs', soon)).toMatchObject({ kind: 'unknown', last: { content: 1 } });
    expect(await isolate().current('docs', soon)).toEqual({ kind: 'unknown', last: null });
  });

  it('remembers a bounded number of namespaces', async () => {
    const { isolate } = arrange();
    const known: KnownStates = new Map();
    const states = isolate(known);
    for (let n = 0; n < 1_010; n++) await states.current(`n${n}`, soon);
    expect(known.size).toBe(1_000);
    expect(known.has('n1009')).toBe(true);
  });
});

it('is never older than 5 s where changes are published, nor than 15 s where they are not', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4_000 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('change' as const), isPublished: fc.boolean() }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), isolate: fc.nat({ max: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('redis' as const), isDown: fc.boolean() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, redis, isolate, settle, move, publish, catalog } = arrange();
      const isolates = [isolate(), isolate(), isolate()];
      const changes: { atMs: number; content: number; isPublished: boolean }[] = [];
      for (const one of steps) {
        if (one.kind === 'pass') clock.advance(one.ms);
        if (one.kind === 'redis') redis.isDown = one.isDown;
        if (one.kind === 'change') {
          move();
          const isPublished = one.isPublished && !redis.isDown;
          if (one.isPublished) await publish(isolate());
          changes.push({ atMs: clock.nowMs(), content: catalog.state?.content ?? 0, isPublished });
        }
        if (one.kind !== 'ask') continue;
        const states = isolates[one.isolate];
        const content = states === undefined ? null : await contentOf(states);
        await settle();
        const newestBefore = (ageMs: number, isRelevant: (change: (typeof changes)[number]) => boolean) =>
          Math.max(0, ...changes.filter((c) => isRelevant(c) && clock.nowMs() - c.atMs >= ageMs).map((c) => c.content));
        expect(content).toBeGreaterThanOrEqual(newestBefore(15_000, () => true));
        expect(content).toBeGreaterThanOrEqual(newestBefore(5_000, ({ isPublished }) => isPublished));
      }
    }),
    { numRuns: 500 },
  );
});
