import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalResponse } from '../http-service.ts';
import { createManualClock } from '../manual-clock.ts';
import { createRedisService, type RedisService } from './redis-service.ts';

const TOKEN = 'a-token';
/** Generous: opening databases and starting processes takes its time on a busy machine. */
const TIMEOUT_MS = 60_000;

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'redis-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

type WireCommand = readonly (string | number)[];

function respond(service: RedisService, command: WireCommand): Promise<LocalResponse> {
  return service.respond({
    method: 'POST',
    path: '/',
    headers: new Headers({ authorization: `Bearer ${TOKEN}` }),
    body: Buffer.from(JSON.stringify(command)),
    signal: new AbortController().signal,
  });
}

async function run(service: RedisService, command: WireCommand): Promise<unknown> {
  const { result, error } = JSON.parse(String((await respond(service, command)).body));
  return error ?? result;
}

describe('a restart', () => {
  it('keeps data, expiries and the sync token', async () => {
    const clock = createManualClock();
    const before = createRedisService({ stateDir, token: TOKEN, clock });
    await run(before, ['SET', 'brief', 'x', 'EX', 5]);
    await run(before, ['SET', 'long', 'y', 'EX', 500]);
    await run(before, ['HSET', 'hash', 'field', 'value']);
    const syncToken = (await respond(before, ['SADD', 'set', 'member'])).headers['upstash-sync-token'];
    before.close();

    clock.advance(5_000);
    const after = createRedisService({ stateDir, token: TOKEN, clock });
    expect(await run(after, ['MGET', 'brief', 'long'])).toEqual([null, 'y']);
    expect(await run(after, ['TTL', 'long'])).toBe(495);
    expect(await run(after, ['HGETALL', 'hash'])).toEqual(['field', 'value']);
    expect(await run(after, ['SMEMBERS', 'set'])).toEqual(['member']);
    expect((await respond(after, ['PING'])).headers['upstash-sync-token']).toBe(syncToken);
    after.close();
  });

  it('brings nothing back that had expired, even when the clock steps back', async () => {
    const clock = createManualClock();
    const before = createRedisService({ stateDir, token: TOKEN, clock });
    await run(before, ['SET', 'a', 'x', 'PX', 10]);
    clock.advance(10);
    expect(await run(before, ['GET', 'a'])).toBeNull();
    before.close();

    clock.advance(-10);
    const after = createRedisService({ stateDir, token: TOKEN, clock });
    expect(await run(after, ['GET', 'a'])).toBeNull();
    after.close();
  });
});

/** Writes pairs of keys in transactions and prints each number once it has been answered. */
const WRITER = `
  const [moduleUrl, stateDir, token] = process.argv.slice(1);
  const { createRedisService } = await import(moduleUrl);
  const service = createRedisService({ stateDir, token, clock: { nowMs: () => Date.now() } });
  for (let n = 0; ; n += 1) {
    await service.respond({
      method: 'POST', path: '/multi-exec', headers: new Headers({ authorization: 'Bearer ' + token }),
      body: Buffer.from(JSON.stringify([['SET', 'left:' + n, n], ['SET', 'right:' + n, n, 'EX', 3600]])),
      signal: new AbortController().signal,
    });
    process.stdout.write(n + '\\n');
  }
`;

describe('a kill at any moment', { timeout: TIMEOUT_MS }, () => {
  it.each([1, 7, 50, 211])(
    'loses no acknowledged write and no half of a transaction, after %i writes',
    async (writes) => {
      const moduleUrl = new URL('./redis-service.ts', import.meta.url).href;
      const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, moduleUrl, stateDir, TOKEN], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(writer, 'exit');
      let lastAcknowledged = -1;
      for await (const line of createInterface({ input: writer.stdout })) {
        lastAcknowledged = Number(line);
        if (lastAcknowledged === writes) writer.kill('SIGKILL');
      }
      await exited;

      const service = createRedisService({ stateDir, token: TOKEN, clock: { nowMs: () => Date.now() } });
      for (let n = 0; n <= lastAcknowledged; n += 1) {
        expect(await run(service, ['MGET', `left:${n}`, `right:${n}`])).toEqual([String(n), String(n)]);
      }
      const next = lastAcknowledged + 1;
      expect([0, 2]).toContain(await run(service, ['EXISTS', `left:${next}`, `right:${next}`]));
      expect(await run(service, ['TTL', 'right:0'])).toBeGreaterThan(3_500);
      service.close();
    },
  );
});

interface ModelEntry {
  value: string;
  expiresAtMs: number | null;
}

/** What strings, counters and expiries should do, told as simply as possible. */
class Model {
  readonly #entries = new Map<string, ModelEntry>();
  nowMs: number;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  expect([name, key, argument]: readonly [string, string, number]): unknown {
    const entry = this.#alive(key);
    switch (name) {
      case 'GET':
        return entry?.value ?? null;
      case 'SET':
        this.#entries.set(key, { value: String(argument), expiresAtMs: null });
        return 'OK';
      case 'SETNX':
        if (entry) return 0;
        this.#entries.set(key, { value: String(argument), expiresAtMs: null });
        return 1;
      case 'PSETEX':
        this.#entries.set(key, { value: '5', expiresAtMs: this.nowMs + argument });
        return 'OK';
      case 'APPEND':
        return this.#change(key, `${entry?.value ?? ''}x${argument}`).length;
      case 'INCRBY':
        if (!/^(0|-?[1-9]\d*)$/.test(entry?.value ?? '0')) return 'ERR value is not an integer or out of range';
        return Number(this.#change(key, String(Number(entry?.value ?? 0) + argument)));
      case 'PEXPIRE':
        if (!entry) return 0;
        entry.expiresAtMs = this.nowMs + argument;
        return 1;
      case 'PERSIST':
        if (!entry || entry.expiresAtMs === null) return 0;
        entry.expiresAtMs = null;
        return 1;
      case 'PTTL':
        if (!entry) return -2;
        return entry.expiresAtMs === null ? -1 : entry.expiresAtMs - this.nowMs;
      case 'DEL':
        this.#entries.delete(key);
        return entry ? 1 : 0;
      default:
        throw new Error(`the model does not know ${name}`);
    }
  }

  #alive(key: string): ModelEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expiresAtMs === null || (entry && entry.expiresAtMs > this.nowMs)) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #change(key: string, value: string): string {
    this.#entries.set(key, { value, expiresAtMs: this.#alive(key)?.expiresAtMs ?? null });
    return value;
  }
}

const WITH_NUMBER = ['SET', 'SETNX', 'APPEND', 'INCRBY', 'PSETEX', 'PEXPIRE'];
const ALONE = ['GET', 'PERSIST', 'PTTL', 'DEL'];

// Few keys and few amounts, so that commands meet each other's effects and expiries fall on the very millisecond.
const amountArbitrary = fc.constantFrom(10, 20, 30);
const commandArbitrary = fc.tuple(
  fc.constantFrom(...WITH_NUMBER, ...ALONE),
  fc.constantFrom('a', 'b'),
  amountArbitrary,
);
const stepArbitrary = fc.oneof(
  { weight: 20, arbitrary: commandArbitrary.map((command) => ({ kind: 'command' as const, command })) },
  { weight: 4, arbitrary: amountArbitrary.map((ms) => ({ kind: 'time' as const, ms })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

describe('any sequence of commands', { timeout: TIMEOUT_MS }, () => {
  it('answers as the model does, whenever time passes and the service restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 20, maxLength: 50 }), async (steps) => {
        const directory = mkdtempSync(join(stateDir, 'run-'));
        const clock = createManualClock();
        const model = new Model(clock.nowMs());
        let service = createRedisService({ stateDir: directory, token: TOKEN, clock });
        for (const step of steps) {
          if (step.kind === 'time') {
            clock.advance(step.ms);
            model.nowMs += step.ms;
          } else if (step.kind === 'restart') {
            service.close();
            service = createRedisService({ stateDir: directory, token: TOKEN, clock });
          } else {
            expect(await run(service, wireForm(step.command))).toEqual(model.expect(step.command));
          }
        }
        service.close();
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});

function wireForm([name, key, argument]: readonly [string, string, number]): WireCommand {
  if (name === 'PSETEX') return [name, key, argument, '5'];
  if (name === 'APPEND') return [name, key, `x${argument}`];
  return WITH_NUMBER.includes(name) ? [name, key, argument] : [name, key];
}
