import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import type { FaultMode } from './faults/fault.ts';
import { createFaultGate } from './faults/fault-gate.ts';
import { waitOnTimer } from './faults/wait.ts';
import { PortInUseError, type RunningServer, serve } from './http-server.ts';
import type { LocalResponse, LocalService } from './http-service.ts';

const ECHO = { service: 'redis', instance: 'primary', operation: 'echo' } as const;
const REDIS = { service: 'redis', instance: null, operation: null } as const;

let running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.map((server) => server.close()));
  running = [];
});

async function start(respond: LocalService['respond'], options: { maxBodyBytes?: number; shared?: boolean } = {}) {
  const gate = createFaultGate({ clock: systemClock, seed: 1, wait: waitOnTimer });
  const service: LocalService = {
    callOf: () => ECHO,
    respond,
    fail: (kind) => json(kind === 'error' ? 500 : 429, { failed: kind }),
  };
  const server = await serve({
    port: 0,
    gate,
    routes: [
      { prefix: '/', service },
      { prefix: '/control', handle: async () => json(200, { control: true }) },
    ],
    ...(options.shared ? {} : { soleService: 'redis' }),
    ...(options.maxBodyBytes && { maxBodyBytes: options.maxBodyBytes }),
  });
  running.push(server);
  const set = (mode: FaultMode) => gate.setFault({ target: REDIS, mode, forMs: null });
  return { gate, server, set };
}

function json(status: number, value: unknown): LocalResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

const echo: LocalService['respond'] = async ({ method, path, headers, body }) =>
  json(200, { method, path, kind: headers.get('x-kind'), body: Buffer.from(body).toString('base64') });

/** The error code with which a request ends that never gets an answer. */
async function failureOf(url: string): Promise<string> {
  const error = await fetch(url).then(
    () => new Error('answered'),
    (thrown: Error) => thrown,
  );
  const cause = error.cause as { code?: string } | undefined;
  return cause?.code ?? error.message;
}

describe('the HTTP server of the local cloud', () => {
  it('hands method, undecoded path, headers and the raw body to the service', async () => {
    const { server } = await start(echo);
    const response = await fetch(`${server.url}/a%2Fb?c=%20d`, {
      method: 'POST',
      headers: { 'x-kind': 'raw' },
      body: new Uint8Array([0, 255, 10]),
    });
    expect(await response.json()).toEqual({ method: 'POST', path: '/a%2Fb?c=%20d', kind: 'raw', body: 'AP8K' });
  });

  it('routes by the longest prefix and leaves plain handlers out of faults and counters', async () => {
    const { gate, server, set } = await start(echo, { shared: true });
    await set('error');
    const response = await fetch(`${server.url}/control/state`);
    expect(await response.json()).toEqual({ control: true });
    expect(gate.counters()).toEqual([]);
    expect((await fetch(`${server.url}/controls`)).status).toBe(500);
  });

  it('answers 413 to a body over the limit', async () => {
    const { server } = await start(echo, { maxBodyBytes: 1_000 });
    const response = await fetch(server.url, { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(response.status).toBe(413);
    expect((await fetch(server.url, { method: 'POST', body: 'x'.repeat(1_000) })).status).toBe(200);
  });

  it("fails in the vendor's own way", async () => {
    const { server, set } = await start(echo);
    await set('error');
    const failed = await fetch(server.url);
    expect([failed.status, await failed.json()]).toEqual([500, { failed: 'error' }]);
    await set('rate-limited');
    expect((await fetch(server.url)).status).toBe(429);
  });

  it('answers as failed what it has carried out, where that is asked for, and counts both', async () => {
    let done = 0;
    const { gate, server } = await start(async () => {
      done += 1;
      return json(200, { done });
    });
    const fail = (doneShare: number) => gate.setFault({ target: REDIS, mode: 'error', forMs: null, doneShare });
    await fail(0);
    expect((await fetch(server.url)).status).toBe(500);
    expect(done).toBe(0);
    await fail(1);
    const failed = await fetch(server.url);
    expect([failed.status, await failed.json()]).toEqual([500, { failed: 'error' }]);
    expect(done).toBe(1);
    await gate.clearFaults(null);
    await fetch(server.url);
    expect(gate.counters()).toMatchObject([{ received: 3, faulted: 2, faultedWhenDone: 1 }]);
  });

  it('sends a web page as garbage', async () => {
    const { server, set } = await start(echo);
    await set('garbage');
    const response = await fetch(server.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toContain('<html>');
  });

  it('hangs until the client leaves, and counts that', async () => {
    const { gate, server, set } = await start(echo);
    await set('hang');
    await expect(fetch(server.url, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    await expect
      .poll(() => gate.counters())
      .toEqual([{ ...ECHO, received: 1, faulted: 1, faultedWhenDone: 0, cancelled: 1, waitingMost: 1 }]);
  });

  it('counts how many calls wait at one moment, those that hang until their client leaves', async () => {
    const { gate, server, set } = await start(echo);
    const waitingMost = () => gate.counters()[0]?.waitingMost;
    for (let n = 0; n < 5; n++) await fetch(server.url);
    expect(waitingMost()).toBe(1);

    await set('hang');
    const leaving = new AbortController();
    const hanging = [1, 2].map(() => fetch(server.url, { signal: leaving.signal }));
    await expect.poll(waitingMost).toBe(2);
    leaving.abort();
    await Promise.allSettled(hanging);
    await expect.poll(() => gate.counters()[0]?.cancelled).toBe(2);

    await gate.clearFaults(null);
    gate.resetCounters();
    await fetch(server.url);
    expect(waitingMost()).toBe(1);
  });

  describe('breaks a stream after its first pieces, and nothing else', () => {
    const streaming: LocalService['respond'] = async ({ path, signal }) => ({
      ...json(200, {}),
      body: path === '/whole' ? 'whole' : pieces(signal),
    });

    async function* pieces(signal: AbortSignal): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 100 && !signal.aborted; n++) yield new TextEncoder().encode(`${n} `);
    }

    async function readAll(url: string, signal: AbortSignal): Promise<{ text: string; ended: boolean }> {
      let text = '';
      try {
        const { body } = await fetch(url, { signal });
        for await (const piece of body ?? []) text += new TextDecoder().decode(piece);
        return { text, ended: true };
      } catch {
        return { text, ended: false };
      }
    }

    it('by cutting the connection, which is no client that left', async () => {
      const { gate, server, set } = await start(streaming);
      await set('interrupted');
      expect(await readAll(server.url, AbortSignal.timeout(5_000))).toEqual({ text: '0 1 2 3 4 ', ended: false });
      expect(gate.counters()).toMatchObject([{ received: 1, cancelled: 0 }]);
      expect(await (await fetch(`${server.url}/whole`)).text()).toBe('whole');
    });

    it('by sending nothing more until the client leaves', async () => {
      const { gate, server, set } = await start(streaming);
      await set('stalled');
      expect(await readAll(server.url, AbortSignal.timeout(100))).toEqual({ text: '0 1 2 3 4 ', ended: false });
      await expect.poll(() => gate.counters()).toMatchObject([{ received: 1, cancelled: 1 }]);
      expect(await (await fetch(`${server.url}/whole`)).text()).toBe('whole');
    });
  });

  it('refuses connections while all of the port is refused, then listens on the same port again', async () => {
    const { gate, server, set } = await start(echo);
    await fetch(server.url);
    await set('refused');
    expect(await failureOf(server.url)).toBe('ECONNREFUSED');
    await gate.clearFaults(null);
    expect((await fetch(server.url)).status).toBe(200);
    expect(gate.counters()).toEqual([
      { ...ECHO, received: 2, faulted: 0, faultedWhenDone: 0, cancelled: 0, waitingMost: 1 },
    ]);
  });

  it('listens again when a refusal has lasted its time', async () => {
    const { gate, server } = await start(echo);
    await gate.setFault({ target: REDIS, mode: 'refused', forMs: 30 });
    await expect.poll(() => failureOf(server.url)).toBe('answered');
  });

  it('destroys the connection when only one service of a shared port is refused', async () => {
    const { gate, server, set } = await start(echo, { shared: true });
    await set('refused');
    expect(['UND_ERR_SOCKET', 'ECONNRESET']).toContain(await failureOf(server.url));
    expect((await fetch(`${server.url}/control/state`)).status).toBe(200);
    expect(gate.counters()).toEqual([
      { ...ECHO, received: 1, faulted: 1, faultedWhenDone: 0, cancelled: 0, waitingMost: 1 },
    ]);
  });

  it('aborts the signal of a call whose client has left', async () => {
    let aborted = false;
    const { gate, server } = await start(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted = true;
      return json(200, {});
    });
    await expect(fetch(server.url, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    await expect.poll(() => aborted).toBe(true);
    expect(gate.counters()[0]).toMatchObject({ received: 1, cancelled: 1 });
  });

  it('stops a stream whose client has left, and counts it', async () => {
    let stopped = false;
    const { gate, server } = await start(async ({ signal }) => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: (async function* () {
        try {
          yield new TextEncoder().encode('data: 1\n\n');
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        } finally {
          stopped = true;
        }
      })(),
    }));
    const response = await fetch(server.url);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    await reader?.cancel();
    await expect.poll(() => stopped).toBe(true);
    expect(gate.counters()).toEqual([
      { ...ECHO, received: 1, faulted: 0, faultedWhenDone: 0, cancelled: 1, waitingMost: 1 },
    ]);
  });

  it('does not count a stream read to its end', async () => {
    const { gate, server } = await start(async () => ({
      status: 200,
      headers: {},
      body: (async function* () {
        yield new Uint8Array(3);
        yield new Uint8Array(4);
      })(),
    }));
    expect((await (await fetch(server.url)).arrayBuffer()).byteLength).toBe(7);
    expect(gate.counters()).toEqual([
      { ...ECHO, received: 1, faulted: 0, faultedWhenDone: 0, cancelled: 0, waitingMost: 1 },
    ]);
  });

  it('produces no more of a stream than the client takes', async () => {
    let produced = 0;
    const { gate, server } = await start(async () => ({
      status: 200,
      headers: {},
      body: (async function* () {
        while (produced < 1_000) {
          produced += 1;
          yield new Uint8Array(100_000);
        }
      })(),
    }));
    const request = httpRequest(server.url);
    const paused = new Promise<void>((resolve) => {
      request.on('response', (response) => {
        response.pause();
        resolve();
      });
    });
    request.end();
    await paused;
    await expect.poll(() => produced).toBeGreaterThan(0);
    request.on('error', () => {});
    request.destroy();
    await expect.poll(() => gate.counters()[0]?.cancelled).toBe(1);
    expect(produced).toBeLessThan(500);
  });

  it('names the port that is taken', async () => {
    const { server, gate } = await start(echo);
    const error = await serve({ port: server.port, routes: [], gate }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PortInUseError);
    expect(error).toMatchObject({ port: server.port, message: `port ${server.port} is already in use on 127.0.0.1` });
  });

  it('ends open sockets when it closes', async () => {
    const { gate, server, set } = await start(echo);
    await set('hang');
    const pending = failureOf(server.url);
    await expect.poll(() => gate.counters()[0]?.received).toBe(1);
    await server.close();
    expect(await pending).not.toBe('answered');
    expect(await failureOf(server.url)).toBe('ECONNREFUSED');
  });
});
