import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { fail } from '../result.ts';
import { createIsolateTelemetry } from '../telemetry/isolate-telemetry.ts';
import { createApp } from './app.ts';
import { followRequest } from './follow-request.ts';
import type { HttpEnv } from './http-env.ts';

test.each([
  ['/v1/namespaces/docs/documents/a', '/v1/namespaces/:namespace/documents/:id', 503, 'CONFIG_INVALID'],
  ['/health/live', '/health/live', 200, null],
  ['/nothing', 'none', 404, 'NOT_FOUND'],
])('a request to %s is logged and counted, though the configuration is refused', async (path, route, status, code) => {
  const lines: string[] = [];
  const telemetry = createIsolateTelemetry((line) => lines.push(line));
  const app = createApp({ telemetry, createServices: () => fail([{ key: 'AI', problem: 'binding is missing' }]) });
  const response = await app.request(path);
  expect(response.status).toBe(status);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: 'request.finished', requestId: response.headers.get('x-request-id'), route, status, code },
  ]);
  expect(telemetry.exposition()).toContain(`route="${route}",status="${status}"} 1`);
});

test('what is routine is counted, and no line is paid for it', async () => {
  const lines: string[] = [];
  const telemetry = createIsolateTelemetry((line) => lines.push(line));
  const app = new Hono<HttpEnv>().use(followRequest(telemetry)).get('/kept', (c) => {
    c.set('isRoutine', true);
    return c.text('as before');
  });
  const response = await app.request('/kept');
  expect(response.headers.get('x-request-id')).not.toBeNull();
  expect(lines).toEqual([]);
  expect(telemetry.exposition()).toContain('route="/kept",status="200"} 1');
});
