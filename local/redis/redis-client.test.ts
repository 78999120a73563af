import { Redis as NodeRedis } from '@upstash/redis';
import { Redis as CloudflareRedis } from '@upstash/redis/cloudflare';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestRedis, TEST_TOKEN, type TestRedis } from './start-test-redis.ts';

let emulator: TestRedis;

beforeEach(async () => {
  emulator = await startTestRedis();
});
afterEach(() => emulator.stop());

const BUILDS = [
  ['node', NodeRedis],
  ['cloudflare', CloudflareRedis],
] as const;
const VARIANTS = BUILDS.flatMap(([build, Redis]) =>
  [true, false].flatMap((enableAutoPipelining) =>
    (['base64', false] as const).map((responseEncoding) => ({ build, Redis, enableAutoPipelining, responseEncoding })),
  ),
);

describe.each(VARIANTS)(
  'the official $build client, auto-pipelining $enableAutoPipelining, encoding $responseEncoding',
  ({ Redis, enableAutoPipelining, responseEncoding }) => {
    function connect(options: { token?: string; automaticDeserialization?: boolean } = {}) {
      return new Redis({
        url: emulator.url,
        token: TEST_TOKEN,
        enableAutoPipelining,
        responseEncoding,
        enableTelemetry: false,
        retry: { retries: 0 },
        ...options,
      });
    }

    it('stores and reads strings, also the word OK and text beyond ASCII', async () => {
      const redis = connect();
      expect(await redis.set('a', 'OK')).toBe('OK');
      expect(await redis.get('a')).toBe('OK');
      expect(await redis.set('b', { text: 'naïve ☕' })).toBe('OK');
      expect(await redis.mget('a', 'b', 'c')).toEqual(['OK', { text: 'naïve ☕' }, null]);
      expect(await redis.getdel('a')).toBe('OK');
      expect(await redis.get('a')).toBeNull();
    });

    it('hands out raw strings when it does not deserialise', async () => {
      const redis = connect({ automaticDeserialization: false });
      await redis.set('a', '007');
      expect(await redis.get('a')).toBe('007');
    });

    it('obeys the options of set', async () => {
      const redis = connect();
      expect(await redis.set('a', 'one', { xx: true })).toBeNull();
      expect(await redis.set('a', 'one', { nx: true, px: 1_500 })).toBe('OK');
      expect(await redis.set('a', 'two', { nx: true })).toBeNull();
      expect(await redis.set('a', 'two', { get: true, keepTtl: true })).toBe('one');
      expect(await redis.pttl('a')).toBe(1_500);
      expect(await redis.set('a', 'three', { exat: 1_767_225_660 })).toBe('OK');
      expect(await redis.ttl('a')).toBe(60);
      expect(await redis.set('a', 'four')).toBe('OK');
      expect(await redis.ttl('a')).toBe(-1);
    });

    it('sees keys expire as the clock moves', async () => {
      const redis = connect();
      await redis.set('a', 'x', { ex: 10 });
      await redis.setex('b', 5, 'y');
      await redis.hset('c', { field: 1 });
      expect(await redis.expire('c', 7)).toBe(1);
      emulator.clock.advance(4_999);
      expect(await redis.mget('a', 'b')).toEqual(['x', 'y']);
      emulator.clock.advance(1);
      expect(await redis.mget('a', 'b')).toEqual(['x', null]);
      expect(await redis.ttl('b')).toBe(-2);
      expect(await redis.persist('a')).toBe(1);
      emulator.clock.advance(3_600_000);
      expect(await redis.exists('a', 'b', 'c')).toBe(1);
      expect(await redis.hgetall('c')).toBeNull();
      expect(await redis.dbsize()).toBe(1);
    });

    it('changes expiries under conditions', async () => {
      const redis = connect();
      await redis.set('a', 'x');
      expect(await redis.expire('a', 10, 'XX')).toBe(0);
      expect(await redis.expire('a', 10, 'GT')).toBe(0);
      expect(await redis.expire('a', 10, 'NX')).toBe(1);
      expect(await redis.expire('a', 5, 'GT')).toBe(0);
      expect(await redis.expire('a', 5, 'LT')).toBe(1);
      expect(await redis.getex('a', { px: 250 })).toBe('x');
      expect(await redis.pttl('a')).toBe(250);
      expect(await redis.getex('a', { persist: true })).toBe('x');
      expect(await redis.pttl('a')).toBe(-1);
      expect(await redis.pexpireat('a', 1)).toBe(1);
      expect(await redis.exists('a')).toBe(0);
    });

    it('counts', async () => {
      const redis = connect();
      expect(await redis.incr('n')).toBe(1);
      expect(await redis.incrby('n', 41)).toBe(42);
      expect(await redis.decrby('n', 2)).toBe(40);
      expect(await redis.decr('n')).toBe(39);
      expect(await redis.incrbyfloat('f', 0.1)).toBe(0.1);
      expect(await redis.incrbyfloat('f', 0.2)).toBe(0.3);
      expect(await redis.hincrby('h', 'n', 5)).toBe(5);
      expect(await redis.hincrbyfloat('h', 'n', 0.5)).toBe(5.5);
    });

    it('edits strings in place', async () => {
      const redis = connect();
      expect(await redis.append('a', 'Hello')).toBe(5);
      expect(await redis.setrange('a', 7, 'World')).toBe(12);
      expect(await redis.get('a')).toBe('Hello\0\0World');
      expect(await redis.getrange('a', -5, -1)).toBe('World');
      expect(await redis.strlen('a')).toBe(12);
      expect(await redis.msetnx({ a: 1, b: 2 })).toBe(0);
      expect(await redis.msetnx({ b: 1, c: 2 })).toBe(1);
      expect(await redis.getset('b', 'new')).toBe(1);
    });

    it('keeps hashes', async () => {
      const redis = connect();
      expect(await redis.hset('h', { name: 'OK', size: 3 })).toBe(2);
      expect(await redis.hset('h', { size: 4 })).toBe(0);
      expect(await redis.hgetall('h')).toEqual({ name: 'OK', size: 4 });
      expect(await redis.hmget('h', 'name', 'absent')).toEqual({ name: 'OK', absent: null });
      expect(await redis.hget('h', 'size')).toBe(4);
      expect(await redis.hsetnx('h', 'size', 5)).toBe(0);
      expect(await redis.hkeys('h')).toEqual(['name', 'size']);
      expect(await redis.hlen('h')).toBe(2);
      expect(await redis.hrandfield('h', 5)).toHaveLength(2);
      expect(await redis.hdel('h', 'name', 'size', 'absent')).toBe(2);
      expect(await redis.exists('h')).toBe(0);
      expect(await redis.hgetall('h')).toBeNull();
    });

    it('keeps sets', async () => {
      const redis = connect();
      expect(await redis.sadd('s', 'a', 'b', 'c', 'a')).toBe(3);
      expect(await redis.sadd('t', 'b', 'd')).toBe(2);
      expect(await redis.smembers('s')).toEqual(['a', 'b', 'c']);
      expect(await redis.smismember('s', ['a', 'd'])).toEqual([1, 0]);
      expect((await redis.sunion('s', 't')).toSorted()).toEqual(['a', 'b', 'c', 'd']);
      expect(await redis.sinter('s', 't')).toEqual(['b']);
      expect(await redis.sdiff('s', 't')).toEqual(['a', 'c']);
      expect(await redis.sinterstore('u', 's', 't')).toBe(1);
      expect(await redis.smove('s', 't', 'a')).toBe(1);
      expect(await redis.srem('s', 'b')).toBe(1);
      expect(await redis.spop('s')).toBe('c');
      expect(await redis.exists('s')).toBe(0);
      expect(await redis.scard('t')).toBe(3);
    });

    it('scans keys, hashes and sets to their end', async () => {
      const redis = connect();
      const names = Array.from({ length: 25 }, (_, n) => `item:${n}`);
      await redis.mset(Object.fromEntries(names.map((name) => [name, 1])));
      await redis.hset('fields', Object.fromEntries(names.map((name) => [name, 'v'])));
      await redis.sadd('members', 'one', ...names);
      expect((await drain((cursor) => redis.scan(cursor, { match: 'item:*', count: 7 }))).toSorted()).toEqual(
        names.toSorted(),
      );
      expect(await drain((cursor) => redis.scan(cursor, { type: 'hash' }))).toEqual(['fields']);
      expect(await drain((cursor) => redis.hscan('fields', cursor, { count: 4 }))).toHaveLength(50);
      expect(await drain((cursor) => redis.sscan('members', cursor, { match: 'item:1?' }))).toHaveLength(10);
      expect(await redis.keys('item:[0-2]')).toEqual(['item:0', 'item:1', 'item:2']);
    });

    it('renames, copies and deletes', async () => {
      const redis = connect();
      await redis.hset('h', { a: 1 });
      await redis.set('s', 'x', { ex: 100 });
      expect(await redis.copy('h', 'h2', { replace: false })).toBe('COPIED');
      expect(await redis.rename('h', 'h3')).toBe('OK');
      expect(await redis.hgetall('h2')).toEqual({ a: 1 });
      expect(await redis.hgetall('h3')).toEqual({ a: 1 });
      expect(await redis.renamenx('s', 'h2')).toBe(0);
      expect(await redis.rename('s', 'h2')).toBe('OK');
      expect(await redis.type('h2')).toBe('string');
      expect(await redis.ttl('h2')).toBe(100);
      expect(await redis.touch('h2', 'absent')).toBe(1);
      expect(await redis.unlink('h2', 'absent')).toBe(1);
      expect(await redis.del('h3')).toBe(1);
      expect(await redis.randomkey()).toBeNull();
    });

    it('answers the commands about the server', async () => {
      const redis = connect();
      expect(await redis.ping()).toBe('PONG');
      expect(await redis.echo('hello')).toBe('hello');
      expect(await redis.time()).toEqual([1_767_225_600, 0]);
      await redis.set('a', 1);
      expect(await redis.flushdb()).toBe('OK');
      expect(await redis.dbsize()).toBe(0);
    });

    it('throws what the server refuses', async () => {
      const redis = connect();
      await redis.set('a', 'x');
      await expect(redis.incr('a')).rejects.toThrow('ERR value is not an integer or out of range');
      await expect(redis.hget('a', 'f')).rejects.toThrow('WRONGTYPE');
      await expect(redis.lpush('l', 1)).rejects.toThrow("ERR Command is not available: 'LPUSH'");
      await expect(connect({ token: 'other' }).get('a')).rejects.toThrow('WRONGPASS invalid or missing auth token');
    });

    it('runs pipelines and transactions', async () => {
      const redis = connect();
      const outcomes = await redis
        .pipeline()
        .set('a', 'x')
        .incr('a')
        .hset('h', { f: 'OK' })
        .hgetall('h')
        .exec({ keepErrors: true });
      expect(outcomes.map(({ result, error }) => error ?? result)).toEqual([
        'OK',
        'ERR value is not an integer or out of range',
        1,
        { f: 'OK' },
      ]);
      expect(await redis.multi().set('n', 1).incr('n').mget('n', 'none').exec()).toEqual(['OK', 2, [2, null]]);
      await expect(redis.multi().set('n', 5).lpush('l', 1).exec()).rejects.toThrow('EXECABORT');
      expect(await redis.get('n')).toBe(2);
    });

    it('takes up the sync token of each write', async () => {
      const redis = connect();
      await redis.set('a', 1);
      const first = redis.readYourWritesSyncToken;
      await redis.set('a', 1);
      expect(first).toBeTruthy();
      expect(redis.readYourWritesSyncToken).not.toBe(first);
    });

    it('hears of faults in the vendor’s own words', async () => {
      const redis = connect();
      const target = { service: 'redis', instance: null, operation: null } as const;
      await emulator.gate.setFault({ target, mode: 'error', forMs: null });
      await expect(redis.get('a')).rejects.toThrow('ERR internal server error');
      await emulator.gate.setFault({ target, mode: 'rate-limited', forMs: null });
      await expect(redis.get('a')).rejects.toThrow('ERR max requests limit exceeded');
      await emulator.gate.clearFaults(null);
      expect(await redis.get('a')).toBeNull();
    });
  },
);

async function drain(page: (cursor: string) => Promise<[string, (string | number)[]]>): Promise<(string | number)[]> {
  const found: (string | number)[] = [];
  let cursor = '0';
  do {
    const [next, items] = await page(cursor);
    found.push(...items);
    cursor = next;
  } while (cursor !== '0');
  return found;
}
