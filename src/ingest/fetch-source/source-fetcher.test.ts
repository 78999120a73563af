import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { inSeconds } from '../../../test/read-path-builders.ts';
import { createCallUpstream } from '../../resilience/call-upstream.ts';
import { createSourceFetcher } from './source-fetcher.ts';

const MAX_BYTES = 50_000;
const TIMEOUT_MS = 400;
const NOW_MS = Date.parse('2026-11-01T00:00:00Z');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let handlers: Record<string, Handler> = {};
let requested: string[] = [];
let isCutOff = false;
const server = createServer((request, response) => {
  requested.push(request.url ?? '');
  response.on('close', () => {
    if (!response.writableFinished) isCutOff = true;
  });
  const handler = handlers[request.url ?? ''];
  if (handler) handler(request, response);
  else response.writeHead(404).end();
});
let origin = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  origin = `http://127.0.0.1:${address.port}`;
});
afterEach(() => {
  handlers = {};
  requested = [];
  isCutOff = false;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const clock = { nowMs: () => NOW_MS };
const telemetry = { emit: () => {}, count: () => {}, observe: () => {} };

function read(path: string, testOrigins = [origin]) {
  const callUpstream = createCallUpstream({ clock: { nowMs: () => performance.now() }, telemetry });
  const policy = { testOrigins, ports: [] };
  const fetcher = createSourceFetcher({ callUpstream, clock, policy, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
  return fetcher.fetch(path.startsWith('http') ? path : `${origin}${path}`, inSeconds(10));
}

const answer =
  (status: number, headers: Record<string, string> = {}, body: string | Uint8Array = ''): Handler =>
  (_, response) =>
    response.writeHead(status, headers).end(body);
const html = { 'content-type': 'text/html; charset=iso-8859-1' };

it('reads a document with its type and where it was in the end', async () => {
  handlers['/a'] = answer(302, { location: '/b?c#d' });
  handlers['/b?c'] = answer(200, html, '<p>Hello</p>');
  const result = await read('/a');
  expect(result).toMatchObject({
    ok: true,
    value: { mediaType: 'text/html', contentType: html['content-type'], url: `${origin}/b?c` },
  });
  expect(result.ok && new TextDecoder().decode(result.value.bytes)).toBe('<p>Hello</p>');
});

it('says what it takes and sends no credentials', async () => {
  let headers: IncomingMessage['headers'] = {};
  handlers['/a'] = (request, response) => {
    headers = request.headers;
    response.writeHead(200, html).end('x');
  };
  await read('/a');
  expect(headers.accept).toContain('application/pdf');
  expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined]);
});

it('wants the document itself, and nothing that a cache has kept of it, also after a redirect', async () => {
  const asked: (string | undefined)[] = [];
  const note = ({ headers }: IncomingMessage) => asked.push(headers['cache-control']);
  handlers['/a'] = (request, response) => {
    note(request);
    response.writeHead(302, { location: '/b' }).end();
  };
  handlers['/b'] = (request, response) => {
    note(request);
    response.writeHead(200, html).end('x');
  };
  await read('/a');
  expect(asked).toEqual(['no-cache', 'no-cache']);
});

it('follows five redirects', async () => {
  for (let n = 0; n < 5; n += 1) handlers[`/${n}`] = answer(307, { location: `/${n + 1}` });
  handlers['/5'] = answer(200, html, 'x');
  expect(await read('/0')).toMatchObject({ ok: true });
});

it.each([
  ['to another origin that is loopback', 'http://127.0.0.1:1/'],
  ['to a private address', 'http://10.0.0.1/'],
  ['to a metadata service', 'http://0xa9fea9fe/latest/'],
  ['to an IPv6 loopback address', 'http://[::ffff:127.0.0.1]/'],
  ['to a local name', 'http://localhost/'],
  ['to a file', 'file:///etc/passwd'],
])('refuses a redirect %s, and asks nobody there', async (_, location) => {
  handlers['/a'] = answer(302, { location });
  expect(await read('/a')).toMatchObject({ ok: false, error: { class: 'permanent', code: 'SOURCE_FORBIDDEN' } });
  expect(requested).toEqual(['/a']);
});

it('refuses a forbidden address although its row says otherwise', async () => {
  expect(await read('/a', [])).toMatchObject({ ok: false, error: { class: 'permanent', code: 'SOURCE_FORBIDDEN' } });
  expect(requested).toEqual([]);
});

it('gives up a redirect loop', async () => {
  handlers['/a'] = answer(301, { location: '/b' });
  handlers['/b'] = answer(301, { location: '/a' });
  expect(await read('/a')).toMatchObject({ ok: false, error: { class: 'permanent', code: 'SOURCE_REDIRECTS' } });
  expect(requested).toHaveLength(6);
});

it('gives up a redirect to nowhere', async () => {
  handlers['/a'] = answer(302);
  expect(await read('/a')).toMatchObject({ ok: false, error: { code: 'SOURCE_REDIRECTS' } });
});

it('stops reading a body without end, at the limit', async () => {
  let sent = 0;
  handlers['/a'] = (_, response) => {
    response.writeHead(200, html);
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000))) sent += 10_000;
    };
    response.on('drain', more);
    more();
  };
  expect(await read('/a')).toMatchObject({
    ok: false,
    error: {
      class: 'permanent',
      code: 'SOURCE_TOO_LARGE',
      message: expect.stringContaining('50000 bytes (MAX_SOURCE_BYTES)'),
    },
  });
  await expect.poll(() => isCutOff).toBe(true);
  expect(sent).toBeLessThan(20_000_000);
});

it('does not even begin to read what says it is too long', async () => {
  handlers['/a'] = (_, response) => {
    response.writeHead(200, { ...html, 'content-length': '50001' });
    response.flushHeaders();
  };
  expect(await read('/a')).toMatchObject({ ok: false, error: { code: 'SOURCE_TOO_LARGE' } });
});

it('counts what a compressed body becomes', async () => {
  handlers['/a'] = answer(200, { ...html, 'content-encoding': 'gzip' }, gzipSync('x'.repeat(1_000_000)));
  expect(await read('/a')).toMatchObject({ ok: false, error: { code: 'SOURCE_TOO_LARGE' } });
});

it.each([
  ['headers that never come', () => {}],
  [
    'a body that never ends to come',
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, html);
      response.write('<p>');
    },
  ],
])('gives up %s in time, and lets go of the connection', async (_, handler) => {
  handlers['/a'] = handler;
  expect(await read('/a')).toMatchObject({ ok: false, error: { class: 'transient', code: 'TIMEOUT' } });
  await expect.poll(() => isCutOff).toBe(true);
});

it.each([
  ['a picture', { 'content-type': 'image/png' }],
  ['bytes of no type', { 'content-type': 'application/octet-stream' }],
  ['no type', {}],
])('refuses %s', async (_, headers) => {
  handlers['/a'] = answer(200, headers, 'x');
  expect(await read('/a')).toMatchObject({ ok: false, error: { class: 'permanent', code: 'SOURCE_TYPE' } });
});

it.each([
  [404, {}, 'permanent', 'SOURCE_NOT_FOUND', null],
  [401, {}, 'permanent', 'SOURCE_NOT_FOUND', null],
  [204, {}, 'permanent', 'SOURCE_NOT_FOUND', null],
  [408, {}, 'transient', 'SOURCE_UNAVAILABLE', null],
  [500, {}, 'transient', 'SOURCE_UNAVAILABLE', null],
  [503, {}, 'transient', 'SOURCE_UNAVAILABLE', null],
  [503, { 'retry-after': '120' }, 'rate-limited', 'SOURCE_BUSY', 120_000],
  [429, { 'retry-after': 'Sun, 01 Nov 2026 00:01:30 GMT' }, 'rate-limited', 'SOURCE_BUSY', 90_000],
  [429, { 'retry-after': 'soon' }, 'rate-limited', 'SOURCE_BUSY', null],
  [429, {}, 'rate-limited', 'SOURCE_BUSY', null],
])('takes status %i with %o for %s', async (status, headers, kind, code, retryAfterMs) => {
  handlers['/a'] = answer(status, headers);
  expect(await read('/a')).toMatchObject({ ok: false, error: { class: kind, code, retryAfterMs } });
});

it('takes a connection that is refused for transient', async () => {
  expect(await read('http://127.0.0.1:1/', ['http://127.0.0.1:1'])).toMatchObject({
    ok: false,
    error: { class: 'transient', code: 'NETWORK' },
  });
});
