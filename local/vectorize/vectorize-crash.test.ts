import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createVectorizeService } from './vectorize-service.ts';

const SERVICE_URL = new URL('./vectorize-service.ts', import.meta.url).href;

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'vectorize-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const aRequest = (operation: string, body: unknown) => ({
  method: 'POST',
  path: `/vectorize/passages/primary/${operation}`,
  headers: new Headers(),
  body: new TextEncoder().encode(JSON.stringify(body)),
  signal: new AbortController().signal,
});

/** Upserts one vector after the other, printing each once it is acknowledged, until it is killed. */
const WRITER = `
  const { createVectorizeService } = await import(process.argv[1]);
  const service = createVectorizeService({
    stateDir: process.argv[2], clock: { nowMs: () => Date.now() }, dimensions: 2, metric: 'cosine', visibilityDelayMs: 5 });
  for (let n = 0; ; n++) {
    const vectors = [{ id: String(n), values: [1, n] }];
    await service.respond({ method: 'POST', path: '/vectorize/passages/primary/upsert',
      body: new TextEncoder().encode(JSON.stringify({ vectors })) });
    await service.respond({ method: 'POST', path: '/vectorize/passages/primary/describe', body: new TextEncoder().encode('{}') });
    process.stdout.write(n + '\\n');
    await new Promise((resolve) => setImmediate(resolve));
  }
`;

it('Vectorize keeps every acknowledged write when its process is killed', async () => {
  const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, SERVICE_URL, stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = -1;
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged = Number(line);
    if (acknowledged === 50) writer.kill('SIGKILL');
  }
  if (writer.signalCode === null) await once(writer, 'exit');

  const service = createVectorizeService({
    stateDir,
    clock: systemClock,
    dimensions: 2,
    metric: 'cosine',
    visibilityDelayMs: 0,
  });
  const { body } = await service.respond(aRequest('describe', {}));
  const last = await service.respond(aRequest('getByIds', { ids: ['0', String(acknowledged)] }));
  service.close();
  // One more may have been written and not yet been acknowledged.
  expect(JSON.parse(String(body)).vectorCount).toBeGreaterThanOrEqual(acknowledged + 1);
  expect(JSON.parse(String(last.body))).toHaveLength(2);
});
