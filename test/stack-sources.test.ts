import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { documentSchema } from '../src/http/document-view.ts';
import { createMachine, type Machine, type StartedVigil } from './support/vigil-command.ts';

// Wrangler's test harness sends what a Worker fetches through Node, which follows redirects by itself. Here the runtime
// makes its own connections.

const until = { timeout: 60_000, interval: 200 };
let machine: Machine;
let vigil: StartedVigil;
let origin = '';
let isSecretRead = false;
const secret = createServer((_, response) => {
  isSecretRead = true;
  response.writeHead(200, { 'content-type': 'text/plain' }).end('The secret word is marzipan.');
});
const site = createServer(({ url }, response) => {
  const location = { '/old': '/tables.html', '/out': addressOf(secret) }[url ?? ''];
  if (location !== undefined) response.writeHead(302, { location }).end();
  else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Tides</title><p>At the full moon.</p>');
});

function addressOf(server: typeof site): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

beforeAll(async () => {
  for (const server of [secret, site]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = addressOf(site);
  machine = createMachine();
  vigil = await machine.start(machine.newState(), '--var', `SOURCE_TEST_ORIGINS=${origin}`);
}, 180_000);
afterAll(() => {
  machine.scrap();
  for (const server of [secret, site]) {
    server.closeAllConnections();
    server.close();
  }
});

async function readFrom(id: string) {
  const address = `${vigil.url}/v1/namespaces/tides/documents/${id}`;
  const headers = { authorization: `Bearer ${vigil.key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ sourceUrl: `${origin}/${id}` });
  const accepted = await fetch(address, { method: 'PUT', headers, body });
  expect(accepted.status).toBe(202);
  return vi.waitFor(async () => {
    const document = documentSchema.parse(await (await fetch(address, { headers })).json());
    expect(['ready', 'failed']).toContain(document.state);
    return document;
  }, until);
}

it('follows a redirect to where a document is', async () => {
  expect(await readFrom('old')).toMatchObject({ state: 'ready', title: 'Tides', url: `${origin}/tables.html` });
}, 90_000);

it('follows none into the network it runs in', async () => {
  expect(await readFrom('out')).toMatchObject({ state: 'failed', failed: { code: 'SOURCE_FORBIDDEN' } });
  expect(isSecretRead).toBe(false);
}, 90_000);
