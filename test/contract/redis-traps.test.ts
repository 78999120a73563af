import { Redis } from '@upstash/redis/cloudflare';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultMode } from '../../local/faults/fault.ts';
import { startTestRedis, TEST_TOKEN, type TestRedis } from '../../local/redis/start-test-redis.ts';
import { createRedisCacheStore } from '../../src/cache/redis-cache-store.ts';
import { redisClientFor } from '../../src/cache/redis-client.ts';
import { createRedisFieldStore } from '../../src/cache/redis-field-store.ts';
import { classifyUpstashError } from '../../src/resilience/upstash-errors.ts';
import { inSeconds } from '../read-path-builders.ts';
import { createGuardedCalls } from '../support/guarded-calls.ts';

// What the vendor's client does unless it is told otherwise. In Node, because `fetch` throws there when a connection breaks,
// as on Cloudflare: the local Workers get a page about it instead, which the client does not try again. Values that it
// would reinterpret are in the contracts of the cache store and of the field store.

let server: TestRedis;
beforeEach(async () => {
  server = await startTestRedis();
});
afterEach(() => server.stop());

const KEY = 'sent-key';
const VALUE = 'sent-value';
const FIELD = 'sent-field';
const SENT = [KEY, VALUE, FIELD, TEST_TOKEN];
const TTL_SECONDS = 60;

function arrange({ token = TEST_TOKEN, timeoutMs = 5_000 } = {}) {
  const { callUpstream, lines } = createGuardedCalls();
  const options = { url: server.url, token, callUpstream, readTimeoutMs: timeoutMs, writeTimeoutMs: timeoutMs };
  return { store: createRedisCacheStore(options), fields: createRedisFieldStore(options), callUpstream, lines };
}
type Arranged = ReturnType<typeof arrange>;

const soon = () => inSeconds(10);
const aField = { name: FIELD, value: VALUE };
const CALLS = [
  ['reading values', ({ store }: Arranged, key: string) => store.getMany([key], soon())],
  ['writing values', ({ store }: Arranged, key: string) => store.setMany([{ key, value: VALUE }], 60, soon())],
  [
    'writing where there is nothing',
    ({ store }: Arranged, key: string) => store.setIfAbsent({ key, value: VALUE }, 60, soon()),
  ],
  ['reading fields', ({ fields }: Arranged, key: string) => fields.getFields(key, [FIELD], soon())],
  ['writing fields', ({ fields }: Arranged, key: string) => fields.setFields(key, [aField], null, soon())],
  ['writing fields of a new key', ({ fields }: Arranged, key: string) => fields.setFields(key, [aField], 60, soon())],
] as const;

async function setFault(mode: FaultMode) {
  const target = { service: 'redis', instance: null, operation: null } as const;
  await server.gate.setFault({ target, mode, forMs: null });
}

function connect() {
  return redisClientFor({ url: server.url, token: TEST_TOKEN }, new AbortController().signal);
}

const MODES = ['hang', 'refused', 'error', 'rate-limited', 'garbage'] as const;

describe.each(CALLS)('%s', (_, run) => {
  it.each(MODES)('is tried once where Redis fails by %s', async (mode) => {
    await setFault(mode);
    const { ok } = await run(arrange({ timeoutMs: 500 }), KEY);
    expect([ok, server.requests.length]).toEqual([false, 1]);
  });

  it.each(MODES)('tells nothing of what was sent where Redis fails by %s', async (mode) => {
    await setFault(mode);
    const world = arrange({ timeoutMs: 500 });
    const result = await run(world, KEY);
    expectNothingTold(world, result);
  });

  it('tells nothing of what was sent where Redis refuses the token', async () => {
    const world = arrange({ token: 'sent-token' });
    const result = await run(world, KEY);
    expect(result).toMatchObject({ ok: false, error: { class: 'configuration' } });
    expectNothingTold(world, result, 'sent-token');
  });

  it('tells nothing of what was sent where Redis refuses the command', async () => {
    const world = arrange();
    const result = await run(world, KEY.padEnd(40_000, 'x'));
    expect(result).toMatchObject({ ok: false, error: { class: 'permanent' } });
    expectNothingTold(world, result);
  });
});

function expectNothingTold({ lines }: Arranged, result: { ok: boolean }, ...more: string[]) {
  expect(result.ok).toBe(false);
  expect(lines.join()).toContain('upstream.failed');
  const told = JSON.stringify([result, lines]);
  for (const sent of [...SENT, ...more]) expect(told).not.toContain(sent);
}

describe('a call that is cut off', () => {
  const run = {
    read: (redis: Redis) => redis.mget([KEY]),
    pipeline: (redis: Redis) => redis.pipeline().set(KEY, VALUE).exec(),
    transaction: (redis: Redis) =>
      redis
        .multi()
        .hset(KEY, { [FIELD]: VALUE })
        .exec(),
  };

  it.each(['read', 'pipeline', 'transaction'] as const)('fails, a %s too, and is no miss', async (kind) => {
    await setFault('hang');
    const abort = new AbortController();
    const ended = run[kind](redisClientFor({ url: server.url, token: TEST_TOKEN }, abort.signal));
    const outcome = expect(ended).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => server.requests.length).toBe(1);
    abort.abort(new DOMException('timed out', 'TimeoutError'));
    await outcome;
  });

  it('fails also from a client that makes a miss of it, because a call is given up before it is aborted', async () => {
    await setFault('hang');
    const { callUpstream } = arrange();
    const call = { dependency: 'redis', operation: 'get', deadline: soon(), timeoutMs: 500 };
    const result = await callUpstream({ ...call, classify: classifyUpstashError }, (signal) => {
      const redis = new Redis({ url: server.url, token: TEST_TOKEN, signal, enableAutoPipelining: false });
      return redis.mget([KEY]);
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
  });
});

describe('a request', () => {
  it('is a read’s own, which waits for no others to be sent with', async () => {
    const { store, fields } = arrange();
    await Promise.all([store.getMany(['a', 'b'], soon()), fields.getFields('h', ['x', 'y'], soon())]);
    expect(sent()).toEqual([
      ['/', ['hmget', 'h', 'x', 'y']],
      ['/', ['mget', 'a', 'b']],
    ]);
  });

  it('carries all that is written together, in its order', async () => {
    const { store, fields } = arrange();
    const entries = ['first', 'second', 'last'].map((value) => ({ key: KEY, value }));
    await store.setMany(entries, TTL_SECONDS, soon());
    await fields.setFields('h', [aField], TTL_SECONDS, soon());
    expect(sent()).toEqual([
      [
        '/multi-exec',
        [
          ['hset', 'h', FIELD, VALUE],
          ['expire', 'h', TTL_SECONDS],
        ],
      ],
      ['/pipeline', entries.map(({ value }) => ['set', KEY, value, 'ex', TTL_SECONDS])],
    ]);
    expect(await store.getMany([KEY], soon())).toEqual({ ok: true, value: ['last'] });
  });

  it('asks for no more than its command: no waiting for earlier writes, no base64, nothing about the client', async () => {
    const world = arrange();
    for (const [, run] of CALLS) await run(world, KEY);
    expect(server.requests.length).toBe(CALLS.length);
    const names = new Set(server.requests.flatMap(({ headers }) => [...headers.keys()]));
    expect([...names].filter((name) => name.startsWith('upstash-'))).toEqual([]);
  });

  it('larger than Redis takes fails for good, which says nothing of Redis', async () => {
    const world = arrange();
    const value = VALUE.padEnd(11 * 1024 * 1024, 'x');
    for (let n = 0; n < 5; n++) {
      const result = await world.store.setMany([{ key: KEY, value }], TTL_SECONDS, soon());
      expect(result).toMatchObject({ ok: false, error: { class: 'permanent' } });
      expectNothingTold(world, result);
    }
    expect(await world.store.getMany([KEY], soon())).toEqual({ ok: true, value: [null] });
  });
});

/** Each request's path and body, in the order of their paths and texts: requests of one moment may overtake each other. */
function sent(): [string, unknown][] {
  const texts = server.requests.map(({ path, body }): [string, string] => [path, new TextDecoder().decode(body)]);
  return texts.sort(([a, x], [b, y]) => (a + x < b + y ? -1 : 1)).map(([path, text]) => [path, JSON.parse(text)]);
}

it('every key that is written has an end, hashes included', async () => {
  const { store, fields } = arrange();
  const entries = ['a', 'b'].map((key) => ({ key, value: VALUE }));
  await store.setMany(entries, TTL_SECONDS, soon());
  await store.setIfAbsent({ key: 'c', value: VALUE }, TTL_SECONDS, soon());
  await fields.setFields('d', [aField], TTL_SECONDS, soon());
  server.clock.advance(TTL_SECONDS * 1_000 - 1);
  expect(await connect().dbsize()).toBe(4);
  server.clock.advance(1);
  expect(await connect().dbsize()).toBe(0);
});
