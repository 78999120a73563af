import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaultGate } from '../faults/fault-gate.ts';
import { type RunningServer, serve } from '../http-server.ts';
import { createManualClock } from '../manual-clock.ts';
import { type ControlClient, ControlError, createControlClient } from './control-client.ts';
import { createControlService } from './control-service.ts';

const QUERY = { service: 'vectorize', instance: 'primary', operation: 'query' } as const;

let server: RunningServer;
let clock: ReturnType<typeof createManualClock>;
let client: ControlClient;
let gate: ReturnType<typeof createFaultGate>;
let delays: Record<string, number>;
let generationsPerMinute: number | null;
let embedded: { cachedTexts: number; computedTexts: number };

beforeEach(() => start({ breakableBindings: false }));
afterEach(() => server.close());

async function start({ breakableBindings }: { breakableBindings: boolean }): Promise<void> {
  clock = createManualClock();
  gate = createFaultGate({ clock, seed: 7, wait: () => new Promise(() => {}) });
  delays = {};
  let redisCommands: Record<string, number> = { get: 3 };
  embedded = { cachedTexts: 0, computedTexts: 0 };
  const handle = createControlService({
    gate,
    clock,
    redis: {
      commandCounts: () => redisCommands,
      resetCommandCounts: () => {
        redisCommands = {};
      },
    },
    embeddings: { stats: () => embedded },
    visible: {
      vectorize: { setVisibilityDelayMs: (delayMs) => Object.assign(delays, { vectorize: delayMs }) },
      vector: { setVisibilityDelayMs: (delayMs) => Object.assign(delays, { vector: delayMs }) },
    },
    visibilityDelayMs: 300,
    ai: {
      setGenerationsPerMinute: (perMinute) => {
        generationsPerMinute = perMinute;
      },
    },
    breakableBindings,
  });
  server = await serve({ port: 0, gate, routes: [{ prefix: '/control', handle }] });
  client = createControlClient(server.url);
}

async function post(path: string, body: string): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${server.url}/control/${path}`, { method: 'POST', body });
  return { status: response.status, answer: await response.json() };
}

describe('the control endpoint', () => {
  it('says that it is there', async () => {
    expect(await client.isHealthy()).toBe(true);
    expect(await createControlClient('http://127.0.0.1:1').isHealthy()).toBe(false);
  });

  it('sets faults, shows them and clears one or all', async () => {
    await client.setFault({ target: 'vectorize:primary/query', mode: 'hang', forMs: 30_000 });
    const state = await client.setFault({ target: 'redis', mode: 'slow', factor: 3, addMs: 10 });
    expect(state.faults).toEqual([
      { target: 'vectorize:primary/query', mode: 'hang', remainingMs: 30_000 },
      { target: 'redis', mode: 'slow', remainingMs: null },
    ]);
    expect(await gate.admit(QUERY)).toEqual({ kind: 'hang' });
    expect((await client.clearFaults('vectorize:primary/query')).faults).toHaveLength(1);
    expect((await client.clearFaults()).faults).toEqual([]);
  });

  it('sets and clears latency', async () => {
    const profile = { kind: 'log-normal', p50Ms: 30, p95Ms: 90, p99Ms: 200 } as const;
    expect((await client.setLatency({ target: 'ai/embed', profile })).latency).toEqual([
      { target: 'ai/embed', profile },
    ]);
    expect((await client.clearLatency()).latency).toEqual([]);
  });

  it('refuses to break D1 and KV where no Worker would notice, and says what to do', async () => {
    const hint = 'npm start -- --breakable-bindings';
    await expect(client.setFault({ target: 'd1', mode: 'error' })).rejects.toThrow(hint);
    const profile = { kind: 'fixed', ms: 5 } as const;
    await expect(client.setLatency({ target: 'kv:state/get', profile })).rejects.toThrow(hint);
    const { faults, latency, breakableBindings } = await client.state();
    expect({ faults, latency, breakableBindings }).toEqual({ faults: [], latency: [], breakableBindings: false });
  });

  it('breaks and slows D1 where the Workers ask first', async () => {
    await server.close();
    await start({ breakableBindings: true });
    await client.setFault({ target: 'd1:lexical/batch', mode: 'hang' });
    expect(await gate.admit({ service: 'd1', instance: 'catalog', operation: 'batch' })).toEqual({ kind: 'pass' });
    expect(await gate.admit({ service: 'd1', instance: 'lexical', operation: 'batch' })).toEqual({ kind: 'hang' });
    expect(await client.setLatency({ target: 'd1', profile: { kind: 'fixed', ms: 5 } })).toMatchObject({
      faults: [{ target: 'd1:lexical/batch', mode: 'hang' }],
      latency: [{ target: 'd1' }],
      breakableBindings: true,
    });
  });

  it('numbers the batches of an unreliable queue and sums up what it hears of them, until reset', async () => {
    expect([await client.takeBatch(), await client.takeBatch()]).toEqual([{ n: 0 }, { n: 1 }]);
    await client.tellDelivery({ handed: 5, doubled: 1, late: 0, outOfOrder: 2 });
    await client.tellDelivery({ handed: 3, doubled: 1, late: 2, outOfOrder: 0 });
    expect(await client.deliveries()).toEqual({ handed: 8, doubled: 2, late: 2, outOfOrder: 2 });
    await client.resetCounters();
    expect(await client.takeBatch()).toEqual({ n: 0 });
    expect(await client.deliveries()).toEqual({ handed: 0, doubled: 0, late: 0, outOfOrder: 0 });
  });

  it('sets the visibility delay of the vector services', async () => {
    const state = await client.setVisibility({ service: 'vector', delayMs: 5 });
    expect(delays).toEqual({ vector: 5 });
    expect(state.visibilityDelayMs).toEqual({ vectorize: 300, vector: 5 });
  });

  it('sets how many generations a minute there are', async () => {
    expect((await client.state()).generationsPerMinute).toBeNull();
    expect((await client.setGenerationLimit({ perMinute: 5 })).generationsPerMinute).toBe(5);
    expect(generationsPerMinute).toBe(5);
    expect((await client.setGenerationLimit({ perMinute: null })).generationsPerMinute).toBeNull();
  });

  it('breaks streams in the middle, where there are any', async () => {
    const { faults } = await client.setFault({ target: 'ai:primary/generate', mode: 'interrupted' });
    expect(faults).toMatchObject([{ mode: 'interrupted' }]);
  });

  it('counts calls, embedded texts and redis commands, until reset', async () => {
    await gate.admit(QUERY);
    embedded = { cachedTexts: 5, computedTexts: 2 };
    expect(await client.counters()).toEqual({
      calls: [{ ...QUERY, received: 1, faulted: 0, faultedWhenDone: 0, cancelled: 0, waitingMost: 1 }],
      waiting: { 'vectorize:primary/query': 1 },
      embeddedTexts: { cached: 5, computed: 2 },
      redisCommands: { get: 3 },
    });
    await client.resetCounters();
    expect(await client.counters()).toEqual({
      calls: [],
      waiting: { 'vectorize:primary/query': 1 },
      embeddedTexts: { cached: 0, computed: 0 },
      redisCommands: {},
    });
    embedded = { cachedTexts: 6, computedTexts: 2 };
    expect((await client.counters()).embeddedTexts).toEqual({ cached: 1, computed: 0 });
  });

  it('logs when calls began and ended, until reset', async () => {
    const call = { ...QUERY };
    await gate.admit(call);
    const beganAtMs = clock.nowMs();
    expect(await client.calls()).toEqual([{ ...QUERY, beganAtMs, endedAtMs: null }]);
    clock.advance(20);
    gate.ended(call);
    clock.advance(20);
    gate.ended(call);
    expect(await client.calls()).toEqual([{ ...QUERY, beganAtMs, endedAtMs: beganAtMs + 20 }]);
    await client.resetCounters();
    expect(await client.calls()).toEqual([]);
  });

  it('tells whoever listens, before or after, that a client has left', async () => {
    const hear = async (name: string) => (await fetch(`${server.url}/control/departures?client=${name}`)).json();
    const listening = hear('a');
    expect(await client.tellDepartures(['a', 'b'])).toEqual({ atMs: clock.nowMs() });
    expect([await listening, await hear('b')]).toEqual([{ hasLeft: true }, { hasLeft: true }]);
  });

  it.each([
    ['faults', '{', 'the body is not JSON'],
    ['faults', '{"target":"mysql","mode":"error"}', 'target: "mysql" is not a service'],
    ['faults', '{"target":"redis","mode":"explode"}', 'mode: '],
    ['faults', '{"target":"redis","mode":"error","forMs":-1}', 'forMs: '],
    ['faults', '{"target":"redis","mode":"error","fromMs":1}', 'fromMs'],
    ['faults', '{"target":"redis","mode":"error","factor":2}', 'factor and addMs belong to the mode slow'],
    ['faults', '{"target":"redis","mode":"error","share":1.2}', 'share: '],
    ['faults', '{"target":"redis","mode":"refused","share":0.5}', 'to all calls or to none'],
    ['faults', '{"target":"redis","mode":"hang","doneShare":0.5}', 'doneShare belongs to the mode error'],
    ['faults', '{"target":"d1","mode":"error","doneShare":0.5}', 'doneShare belongs to the mode error'],
    ['faults', '{"target":"redis","mode":"stalled"}', 'belong to ai and openai'],
    ['generation-limit', '{"perMinute":0}', 'perMinute: '],
    ['latency', '{"target":"redis","profile":{"kind":"log-normal","p50Ms":3,"p95Ms":2,"p99Ms":9}}', 'must hold'],
    ['visibility', '{"service":"redis","delayMs":1}', 'service: '],
  ])('answers 400 to %s %s', async (path, body, error) => {
    expect(await post(path, body)).toEqual({ status: 400, answer: { error: expect.stringContaining(error) } });
  });

  it('says in the client why it refuses', async () => {
    await expect(client.clearFaults('mysql')).rejects.toThrow(ControlError);
    await expect(client.clearFaults('mysql')).rejects.toThrow('"mysql" is not a service');
    await expect(createControlClient('http://127.0.0.1:1').state()).rejects.toThrow('no local cloud answers');
  });

  it('answers 404 to anything else', async () => {
    expect((await post('nothing', '{}')).status).toBe(404);
  });
});
