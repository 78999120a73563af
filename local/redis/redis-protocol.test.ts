import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestRedis, TEST_TOKEN, type TestRedis } from './start-test-redis.ts';

let redis: TestRedis;

beforeEach(async () => {
  redis = await startTestRedis();
});
afterEach(() => redis.stop());

async function send(
  path: string,
  body: unknown,
  { method = 'POST', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
) {
  const response = await fetch(redis.url + path, {
    method,
    headers: { authorization: `Bearer ${TEST_TOKEN}`, 'content-type': 'application/json', ...headers },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: response.status,
    syncToken: response.headers.get('upstash-sync-token'),
    body: await response.json(),
  };
}

const BASE64 = { headers: { 'upstash-encoding': 'base64' } };

describe('single commands', () => {
  it('answers the result with 200 and takes the command name in any case', async () => {
    expect(await send('/', ['sEt', 'key', 'value'])).toMatchObject({ status: 200, body: { result: 'OK' } });
    expect(await send('/', ['GET', 'key'])).toMatchObject({ status: 200, body: { result: 'value' } });
  });

  it('answers a failing command with 400 and Redis’s own text', async () => {
    await send('/', ['SET', 'key', 'text']);
    const cases: [unknown[], string][] = [
      [['INCR', 'key'], 'ERR value is not an integer or out of range'],
      [['INCRBYFLOAT', 'key', 1], 'ERR value is not a valid float'],
      [['HGET', 'key', 'field'], 'WRONGTYPE Operation against a key holding the wrong kind of value'],
      [['SADD', 'key', 'member'], 'WRONGTYPE Operation against a key holding the wrong kind of value'],
      [['GET'], "ERR wrong number of arguments for 'get' command"],
      [['HSET', 'hash', 'a', 1, 'b'], "ERR wrong number of arguments for 'hset' command"],
      [['SET', 'key', 'v', 'EX', 0], "ERR invalid expire time in 'set' command"],
      [['SETEX', 'key', -1, 'v'], "ERR invalid expire time in 'setex' command"],
      [['SET', 'key', 'v', 'NX', 'XX'], 'ERR syntax error'],
      [['SET', 'key', 'v', 'EX', 1, 'KEEPTTL'], 'ERR syntax error'],
      [['SET', 'key', 'v', 'EX'], 'ERR syntax error'],
      [['EXPIRE', 'key', 'soon'], 'ERR value is not an integer or out of range'],
      [['EXPIRE', 'key', 1, 'NX', 'GT'], 'ERR NX and XX, GT or LT options at the same time are not compatible'],
      [['EXPIRE', 'key', '9223372036854775807'], "ERR invalid expire time in 'expire' command"],
      [['RENAME', 'absent', 'other'], 'ERR no such key'],
      [['SCAN', 'x'], 'ERR invalid cursor'],
      [['SETRANGE', 'key', -1, 'x'], 'ERR offset is out of range'],
    ];
    for (const [command, error] of cases) {
      expect(await send('/', command), command.join(' ')).toMatchObject({ status: 400, body: { error } });
    }
  });

  it('calls a command that Upstash does not know unavailable', async () => {
    expect(await send('/', ['slowlog', 'get'])).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^ERR Command is not available: 'SLOWLOG'\. See https:\/\/upstash\.com\//) },
    });
    expect((await send('/', ['constructor'])).body).toEqual({
      error: expect.stringMatching(/^ERR Command is not available/),
    });
  });

  it('takes JSON numbers and booleans as strings and refuses other types', async () => {
    await send('/', ['MSET', 'a', 1.5, 'b', true, 'c', -0.25]);
    expect((await send('/', ['MGET', 'a', 'b', 'c'])).body).toEqual({ result: ['1.5', 'true', '-0.25'] });
    expect(await send('/', ['SET', 'a', null])).toMatchObject({
      status: 400,
      body: { error: 'ERR unsupported arg type: %!q(<nil>): <nil>' },
    });
  });

  it('refuses a body that is no command', async () => {
    for (const body of ['', '{', '"GET"', '{"a":1}']) {
      expect(await send('/', body)).toMatchObject({ status: 400, body: { error: 'ERR failed to parse command' } });
    }
    expect(await send('/', [])).toMatchObject({ status: 400, body: { error: 'ERR empty command' } });
  });
});

describe('access', () => {
  it('answers 401 without the right token', async () => {
    const error = { error: 'WRONGPASS invalid or missing auth token' };
    expect(await send('/', ['PING'], { headers: { authorization: 'Bearer other' } })).toMatchObject({
      status: 401,
      body: error,
    });
    expect(await send('/pipeline', [['PING']], { headers: { authorization: '' } })).toMatchObject({
      status: 401,
      body: error,
    });
  });

  it('answers 405 to another method than POST', async () => {
    expect((await send('/', null, { method: 'DELETE' })).status).toBe(405);
    expect((await send('/', null, { method: 'GET' })).status).toBe(405);
  });
});

describe('answers in base64', () => {
  it('encodes every string but the status OK', async () => {
    expect((await send('/', ['SET', 'key', 'OK'], BASE64)).body).toEqual({ result: 'OK' });
    expect((await send('/', ['GET', 'key'], BASE64)).body).toEqual({ result: 'T0s=' });
    expect((await send('/', ['MGET', 'key', 'absent'], BASE64)).body).toEqual({ result: ['T0s=', null] });
    expect((await send('/', ['PING'], BASE64)).body).toEqual({ result: 'UE9ORw==' });
    expect((await send('/', ['STRLEN', 'key'], BASE64)).body).toEqual({ result: 2 });
    expect((await send('/', ['SCAN', 0], BASE64)).body).toEqual({ result: ['MA==', ['a2V5']] });
  });

  it('never encodes errors', async () => {
    expect((await send('/', ['GET'], BASE64)).body).toEqual({ error: expect.stringMatching(/^ERR wrong number/) });
  });

  it('carries bytes that are not text, which plain answers replace', async () => {
    await send('/', ['SET', 'key', 'é']);
    expect((await send('/', ['GETRANGE', 'key', 0, 0], BASE64)).body).toEqual({ result: 'ww==' });
    expect((await send('/', ['GETRANGE', 'key', 0, 0])).body).toEqual({ result: '\uFFFD' });
  });
});

describe('pipelines', () => {
  it('answer 200 with a result or an error for each command', async () => {
    const commands = [['SET', 'a', 'x'], ['INCR', 'a'], ['NOPE'], [], ['SET', 'b', null], ['GET', 'a']];
    const { status, body } = await send('/pipeline', commands);
    expect(status).toBe(200);
    expect(body).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { error: expect.stringMatching(/^ERR Command is not available: 'NOPE'/) },
      { error: 'ERR empty pipeline command' },
      { error: expect.stringMatching(/^ERR unsupported arg type/) },
      { result: 'x' },
    ]);
  });

  it('refuse a body that is no list of commands', async () => {
    expect(await send('/pipeline', ['GET', 'a'])).toMatchObject({
      status: 400,
      body: { error: 'ERR failed to parse pipeline request' },
    });
    expect(await send('/pipeline', [])).toMatchObject({ status: 400, body: { error: 'ERR empty pipeline request' } });
  });
});

describe('transactions', () => {
  it('run every command even when one fails', async () => {
    const { status, body } = await send('/multi-exec', [
      ['SET', 'a', 'x'],
      ['INCR', 'a'],
      ['SET', 'b', 'y'],
    ]);
    expect(status).toBe(200);
    expect(body).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'OK' },
    ]);
  });

  it('run nothing when a command could not be queued', async () => {
    for (const bad of [['NOPE'], ['GET'], ['SET', 'k'.repeat(40_000), 'v']]) {
      expect(await send('/multi-exec', [['SET', 'a', 'x'], bad])).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(/^EXECABORT /) },
      });
    }
    expect((await send('/', ['DBSIZE'])).body).toEqual({ result: 0 });
  });
});

describe('the sync token', () => {
  it('is there from the start, changes with every write and only then', async () => {
    const tokens = [
      (await send('/', ['GET', 'a'])).syncToken,
      (await send('/', ['SET', 'a', '1'])).syncToken,
      (await send('/', ['SET', 'a', '1'])).syncToken,
      (
        await send('/pipeline', [
          ['GET', 'a'],
          ['INCR', 'a'],
        ])
      ).syncToken,
      (await send('/multi-exec', [['DEL', 'a']])).syncToken,
    ];
    expect(tokens.every((token) => token)).toBe(true);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect((await send('/', ['GET', 'a'])).syncToken).toBe(tokens.at(-1));
    expect((await send('/', ['SET', 'a'])).syncToken).toBe(tokens.at(-1));
  });
});

describe('limits', () => {
  const tenMegabytes = 10 * 1024 * 1024;

  it('refuses a request beyond 10 MB', async () => {
    expect(await send('/', ['SET', 'key', 'x'.repeat(tenMegabytes)])).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^ERR max request size exceeded\. Limit: 10485760 bytes, Actual: 1048/) },
    });
  });

  it('refuses to load more than 10 MB at once', async () => {
    await send('/', ['SET', 'a', 'x'.repeat(tenMegabytes / 2)]);
    await send('/', ['SET', 'b', 'x'.repeat(tenMegabytes / 2)]);
    await send('/', ['SET', 'c', 'x']);
    expect((await send('/', ['MGET', 'a', 'b'])).status).toBe(200);
    expect(await send('/', ['MGET', 'a', 'b', 'c'])).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/Actual: 10485761 bytes/) },
    });
  });

  it('refuses keys and set members beyond 32 KB', async () => {
    expect((await send('/', ['SET', 'k'.repeat(32_768), 'v'])).status).toBe(200);
    expect(await send('/', ['SET', 'k'.repeat(32_769), 'v'])).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^ERR max key size exceeded\. Limit: 32768 bytes, Actual: 32769 bytes/) },
    });
    expect(await send('/', ['SADD', 'set', 'm', 'k'.repeat(32_769)])).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^ERR max member size exceeded/) },
    });
    expect((await send('/', ['EXISTS', 'set'])).body).toEqual({ result: 0 });
  });

  it('refuses to grow a record beyond 100 MB', async () => {
    expect(await send('/', ['SETRANGE', 'key', 100 * 1024 * 1024, 'x'])).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^ERR max single record size exceeded/) },
    });
  });

  it('keeps 64-bit counters exact and stops at their end', async () => {
    await send('/', ['SET', 'n', '9223372036854775806']);
    const response = await fetch(redis.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_TOKEN}` },
      body: '["INCR","n"]',
    });
    expect(await response.text()).toBe('{"result":9223372036854775807}');
    expect((await send('/', ['INCR', 'n'])).body).toEqual({ error: 'ERR increment or decrement would overflow' });
  });
});

describe('counting', () => {
  it('counts each command of a pipeline as Upstash bills it', async () => {
    await send('/', ['PING']);
    await send('/pipeline', [['SET', 'a', 1], ['get', 'a'], ['GET', 'b'], ['NOPE'], ['INCRBY', 'a', 'x']]);
    expect(redis.service.commandCounts()).toEqual({ ping: 1, set: 1, get: 2, incrby: 1 });
    redis.service.resetCommandCounts();
    expect(redis.service.commandCounts()).toEqual({});
  });

  it('names the operation of a request by its command or batch', async () => {
    await send('/', ['HGETALL', 'a']);
    await send('/pipeline', [['PING']]);
    await send('/multi-exec', [['PING']]);
    await send('/', 'garbage');
    const operations = redis.gate.counters().map(({ operation }) => operation);
    expect(operations).toEqual(expect.arrayContaining(['hgetall', 'pipeline', 'multi-exec', 'unknown']));
  });
});
