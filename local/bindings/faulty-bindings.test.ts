import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestHarness } from 'wrangler';
import { systemClock } from '../../src/clock.ts';
import { classifyD1Error } from '../../src/resilience/d1-errors.ts';
import { BINDING_SERVICES, type FaultMode } from '../faults/fault.ts';
import { createFaultGate } from '../faults/fault-gate.ts';
import { parseTarget } from '../faults/target.ts';
import { waitOnTimer } from '../faults/wait.ts';
import { type RunningServer, serve } from '../http-server.ts';
import { createBindingService } from './binding-service.ts';

type Binding = 'LEXICAL_DB' | 'STATE_KV' | 'SELF';
type Call = [method: string, ...args: unknown[]];
type Outcome = { value: unknown } | { thrown: string };

const gate = createFaultGate({ clock: systemClock, seed: 1, wait: waitOnTimer });
let server: RunningServer;
let harness: ReturnType<typeof createTestHarness>;

beforeAll(async () => {
  const routes = BINDING_SERVICES.map((name) => ({ prefix: `/bindings/${name}`, service: createBindingService(name) }));
  server = await serve({ port: 0, gate, routes });
  harness = createTestHarness({
    root: join(import.meta.dirname, '../..'),
    workers: [
      {
        config: {
          name: 'faulty-bindings',
          main: 'test/support/faulty-bindings.worker.ts',
          compatibility_date: '2026-10-20',
          vars: { LOCAL_CLOUD_URL: server.url },
          d1_databases: [{ binding: 'LEXICAL_DB', database_name: 'lamps', database_id: 'lamps' }],
          kv_namespaces: [{ binding: 'STATE_KV', id: 'state' }],
          services: [{ binding: 'SELF', service: 'faulty-bindings' }],
        },
      },
    ],
  });
  await harness.listen();
  await callReal('LEXICAL_DB', ['exec', 'CREATE TABLE lamps (name TEXT, watts INTEGER)']);
  await callReal('LEXICAL_DB', ['exec', "INSERT INTO lamps VALUES ('oil', 5), ('gas', 9)"]);
  await callReal('STATE_KV', ['put', 'lamp', '{"lit":true}', { metadata: { keeper: 'Ada' } }]);
}, 60_000);

afterEach(async () => {
  await gate.clearFaults(null);
  gate.resetCounters();
});

afterAll(async () => {
  await harness.close();
  await server.close();
});

async function order(on: Binding, faulty: boolean, calls: Call[]): Promise<Outcome> {
  const response = await harness.fetch('/', { method: 'POST', body: JSON.stringify({ on, faulty, calls }) });
  // The test Worker's own answer.
  return (await response.json()) as Outcome;
}

const call = (on: Binding, ...calls: Call[]) => order(on, true, calls);
const callReal = (on: Binding, ...calls: Call[]) => order(on, false, calls);

async function thrownBy(on: Binding, ...calls: Call[]): Promise<string> {
  const outcome = await call(on, ...calls);
  return 'thrown' in outcome ? outcome.thrown : `answered ${JSON.stringify(outcome.value)}`;
}

async function setFault(text: string, mode: FaultMode): Promise<void> {
  const target = parseTarget(text);
  if (!target.ok) throw new Error(target.error);
  await gate.setFault({ target: target.value, mode, forMs: null });
}

function received(): [string, number][] {
  return gate
    .counters()
    .map(({ service, instance, operation, received }) => [`${service}:${instance}/${operation}`, received]);
}

const SELECT: Call = ['prepare', 'SELECT name, watts FROM lamps WHERE watts > ?1'];
const BIND: Call = ['bind', 6];
const BATCH: Call = ['batch', 'SELECT name FROM lamps', 'SELECT watts FROM lamps'];

describe('a faulty D1 database', () => {
  const calls: [string, Call[]][] = [
    ['query', [SELECT, BIND, ['first']]],
    ['query', [SELECT, BIND, ['first', 'watts']]],
    ['query', [SELECT, BIND, ['all']]],
    ['query', [SELECT, BIND, ['run']]],
    ['query', [SELECT, BIND, ['raw']]],
    ['query', [SELECT, BIND, ['raw', { columnNames: true }]]],
    ['query', [['withSession', 'first-unconstrained'], SELECT, BIND, ['all']]],
    ['batch', [BATCH]],
    ['batch', [['withSession'], BATCH]],
    ['exec', [['exec', 'SELECT 1']]],
  ];

  it.each(calls)('answers what the real one does, after a %s: %j', async (operation, chain) => {
    expect(withoutMeta(await call('LEXICAL_DB', ...chain))).toEqual(
      withoutMeta(await callReal('LEXICAL_DB', ...chain)),
    );
    expect(received()).toEqual([[`d1:lexical/${operation}`, 1]]);
  });

  it('asks nobody for a bookmark', async () => {
    const chain: Call[] = [['withSession', 'a-bookmark'], ['getBookmark']];
    expect(await call('LEXICAL_DB', ...chain)).toEqual({ value: 'a-bookmark' });
    expect(received()).toEqual([]);
  });

  it("lets the database's own errors through", async () => {
    expect(await thrownBy('LEXICAL_DB', ['prepare', 'SELECT * FROM bells'], ['all'])).toContain('no such table');
  });

  it.each([
    ['error', 'transient', 'D1_ERROR'],
    ['rate-limited', 'rate-limited', 'OVERLOADED'],
    ['garbage', 'transient', 'D1_ERROR'],
    ['flapping', 'transient', 'D1_ERROR'],
  ] as const)('throws on %s what is classified as %s, %s', async (mode, errorClass, code) => {
    await setFault('d1:lexical', mode);
    for (const chain of [[SELECT, BIND, ['first']], [BATCH]] satisfies Call[][]) {
      const message = await thrownBy('LEXICAL_DB', ...chain);
      expect(message).toMatch(/^D1_ERROR: \w/);
      expect(classifyD1Error(new Error(message))).toMatchObject({ class: errorClass, code });
    }
  });

  it('names an exec that fails as one', async () => {
    await setFault('d1', 'error');
    expect(await thrownBy('LEXICAL_DB', ['exec', 'SELECT 1'])).toMatch(/^D1_EXEC_ERROR: /);
  });

  it('changes nothing when a write fails', async () => {
    await setFault('d1/query', 'error');
    await thrownBy('LEXICAL_DB', ['prepare', 'DELETE FROM lamps'], ['run']);
    expect(await call('LEXICAL_DB', ['batch', 'SELECT count(*) AS n FROM lamps'])).toMatchObject({
      value: [{ results: [{ n: 2 }] }],
    });
  });

  it('hangs without an answer while others go on', async () => {
    await setFault('d1:lexical/batch', 'hang');
    const hanging = call('LEXICAL_DB', BATCH);
    await expect.poll(received).toEqual([['d1:lexical/batch', 1]]);
    expect(await call('LEXICAL_DB', SELECT, BIND, ['first', 'watts'])).toEqual({ value: 9 });
    expect(await Promise.race([hanging, 'still hanging'])).toBe('still hanging');
  });

  it('is spared by faults of another database', async () => {
    await setFault('d1:catalog', 'error');
    expect(await call('LEXICAL_DB', SELECT, BIND, ['first', 'watts'])).toEqual({ value: 9 });
  });
});

describe('a faulty KV namespace', () => {
  const calls: [string, Call[]][] = [
    ['get', [['get', 'lamp']]],
    ['get', [['get', 'lamp', 'json']]],
    ['get', [['get', 'lamp', { type: 'json', cacheTtl: 60 }]]],
    ['get', [['get', 'nothing']]],
    ['get', [['getWithMetadata', 'lamp', 'text']]],
    ['put', [['put', 'bell', 'rung']]],
    ['delete', [['delete', 'bell']]],
    ['list', [['list', { prefix: 'l' }]]],
  ];

  it.each(calls)('answers what the real one does, after a %s: %j', async (operation, chain) => {
    expect(await call('STATE_KV', ...chain)).toEqual(await callReal('STATE_KV', ...chain));
    expect(received()).toEqual([[`kv:state-kv/${operation}`, 1]]);
  });

  it.each([
    ['error', ['get', 'lamp'], 'KV GET failed: 500 Internal Server Error'],
    ['error', ['getWithMetadata', 'lamp'], 'KV GET failed: 500 Internal Server Error'],
    ['error', ['list'], 'KV GET failed: 500 Internal Server Error'],
    ['error', ['delete', 'lamp'], 'KV DELETE failed: 500 Internal Server Error'],
    ['rate-limited', ['put', 'lamp', ''], 'KV PUT failed: 429 Too Many Requests'],
    ['garbage', ['get', 'lamp'], 'is not valid JSON'],
  ] as [FaultMode, Call, string][])('throws on %s of %j', async (mode, one, message) => {
    await setFault('kv', mode);
    expect(await thrownBy('STATE_KV', one)).toContain(message);
    await gate.clearFaults(null);
    expect(await call('STATE_KV', ['get', 'lamp'])).toEqual({ value: '{"lit":true}' });
  });
});

it('other bindings stay what they are', async () => {
  expect(await call('SELF')).toEqual({ value: true });
  expect(await call('STATE_KV')).toEqual({ value: false });
});

/** D1 tells of each statement how long it took. */
function withoutMeta(outcome: Outcome): unknown {
  return JSON.parse(JSON.stringify(outcome, (key, value) => (key === 'meta' || key === 'duration' ? null : value)));
}
