import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ControlClient, createControlClient } from '../local/control/control-client.ts';
import { type LocalCloud, startLocalCloud } from '../local/start-cloud.ts';
import { freePort } from '../scripts/stack/free-port.ts';
import { startWorkers, type Workers, waitUntilLive } from '../scripts/stack/workers.ts';

// The test harness would fetch for the Workers and hide their leaving; `wrangler dev` does not.

const ROOT = join(import.meta.dirname, '..');

let folder: string;
let cloud: LocalCloud;
let control: ControlClient;
let workers: Workers;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-cloud-'));
  cloud = await startLocalCloud({
    stateDir: join(folder, 'state'),
    embeddingCacheDir: join(folder, 'embeddings'),
    ports: { cloud: 0, redis: 0, vector: 0 },
  });
  control = createControlClient(cloud.urls.cloud);
  const port = await freePort();
  const logFile = join(folder, 'workers.log');
  url = `http://127.0.0.1:${port}`;
  workers = startWorkers({
    configFiles: [join(ROOT, 'test/probe.wrangler.toml'), join(ROOT, 'local/cloud.wrangler.toml')],
    entryFile: null,
    port,
    persistDir: join(folder, 'workers'),
    scratchDir: folder,
    logFile,
    variables: cloud.env,
  });
  await waitUntilLive(url, workers, logFile, AbortSignal.timeout(90_000));
}, 100_000);

beforeEach(() => control.resetCounters());

afterAll(async () => {
  await workers.stop();
  await cloud.close();
  rmSync(folder, { recursive: true });
});

it.each(['abort', 'cancel'])('the local model stops when a Worker leaves its stream by %s', async (how) => {
  expect(await (await fetch(`${url}/${how}`, { method: 'POST' })).text()).toBe('left');
  await expect
    .poll(async () => (await control.counters()).calls)
    .toEqual([
      {
        service: 'ai',
        instance: 'primary',
        operation: 'generate',
        received: 1,
        faulted: 0,
        faultedWhenDone: 0,
        cancelled: 1,
        waitingMost: 1,
      },
    ]);
});

it.each([
  ['workers-ai', 'ai', 'cancel'],
  ['workers-ai', 'ai', 'abort'],
  ['openai', 'openai', 'cancel'],
  ['openai', 'openai', 'abort'],
])('the model of %s (%s) stops when its generator is told to by %s', async (generator, service, how) => {
  const response = await fetch(`${url}/leave`, { method: 'POST', body: JSON.stringify({ generator, how }) });
  expect(await response.json()).toMatchObject({ last: { kind: 'failed', error: { code: 'CANCELLED' } } });
  await expect
    .poll(async () => (await control.counters()).calls)
    .toMatchObject([{ service, operation: 'generate', received: 1, cancelled: 1 }]);
});

it('a refused connection reaches the Worker as a lost one', async () => {
  await control.setFault({ target: 'vectorize', mode: 'refused' });
  const body = JSON.stringify({ on: 'VECTORIZE', method: 'describe', args: [] });
  const response = await fetch(`${url}/call`, { method: 'POST', body });
  expect(await response.json()).toEqual({ thrown: { name: 'Error', message: 'Network connection lost.' } });
});
