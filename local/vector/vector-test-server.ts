import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Index } from '@upstash/vector';
import { onTestFinished } from 'vitest';
import type { FaultGate } from '../faults/fault.ts';
import { serve } from '../http-server.ts';
import { createVectorService, type VectorService, type VectorServiceOptions } from './vector-service.ts';

export const TOKEN = 'test-token';

const openGate: FaultGate = {
  admit: async () => ({ kind: 'pass' }),
  ended: () => {},
  faulted: () => {},
  cancelled: () => {},
  watchRefusal: () => () => {},
};

export interface TestServer {
  url: string;
  service: VectorService;
  /** The official client. */
  index: Index;
  /** The bare protocol. */
  send(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: unknown }>;
  /** Stops everything; the state directory stays until the test ends. */
  stop(): Promise<void>;
}

export function makeStateDir(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'vector-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

/** A service of two dimensions, cosine, without a hosted model and visible at once, unless the options say otherwise. */
export async function startTestServer(options: Partial<VectorServiceOptions> = {}): Promise<TestServer> {
  const service = createVectorService({
    stateDir: options.stateDir ?? makeStateDir(),
    token: TOKEN,
    clock: { nowMs: () => 1_000 },
    dimension: 2,
    similarity: 'COSINE',
    embed: null,
    embeddingModel: null,
    visibilityDelayMs: 0,
    ...options,
  });
  const server = await serve({ port: 0, routes: [{ prefix: '/', service }], gate: openGate });
  let stopped = false;
  async function stop(): Promise<void> {
    if (stopped) return;
    stopped = true;
    await server.close();
    service.close();
  }
  onTestFinished(stop);

  return {
    url: server.url,
    service,
    index: new Index({ url: server.url, token: TOKEN, retry: { retries: 0 } }),
    async send(method, path, body, token = TOKEN) {
      const init = { method, headers: { authorization: `Bearer ${token}` } };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`${server.url}${path}`, text === undefined ? init : { ...init, body: text });
      return { status: response.status, body: await response.json() };
    },
    stop,
  };
}
