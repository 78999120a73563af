import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { aDocx } from '../local/ai/docx-fixture.ts';
import { aPdf } from '../local/ai/pdf-fixture.ts';
import { documentSchema } from '../src/http/document-view.ts';
import { answerSchema } from '../src/query/answer.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const json = { 'content-type': 'application/json' };
const until = { timeout: 25_000, interval: 100 };

let vigil: VigilUnderTest;
let origin = '';
let cacheControl: string | undefined;
const server = createServer(({ url, headers }, response) => {
  cacheControl = headers['cache-control'];
  if (url === '/tide/tables.html') {
    const html =
      '<title>Tide tables</title><nav>Menu</nav><main><p>Spring tide reaches <a href="mark.html">the iron mark</a> at the full moon.</p></main>';
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  } else response.writeHead(404).end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  origin = `http://127.0.0.1:${address.port}`;
  vigil = await startVigil({ SOURCE_TEST_ORIGINS: origin });
}, 60_000);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await vigil.close();
});

const pathOf = (id: string) => `/v1/namespaces/coast/documents/${encodeURIComponent(id)}`;

async function put(path: string, headers: Record<string, string>, body: string | Uint8Array) {
  const response = await vigil.fetch(path, { method: 'PUT', headers, body });
  expect(await response.clone().text()).not.toContain('"status":5');
  expect(response.status).toBe(202);
  return documentSchema.parse(await response.json());
}

async function get(id: string) {
  return documentSchema.parse(await (await vigil.fetch(pathOf(id))).json());
}

async function ended(id: string) {
  return vi.waitFor(async () => {
    const document = await get(id);
    expect(['ready', 'failed']).toContain(document.state);
    return document;
  }, until);
}

async function passagesFor(question: string) {
  const body = JSON.stringify({ question });
  const response = await vigil.fetch('/v1/namespaces/coast/answer', { method: 'POST', headers: json, body });
  return answerSchema.parse(await response.json()).passages;
}

describe('a document is found by what it says when it was given', () => {
  test('as a PDF', async () => {
    await put(
      pathOf('lamp.pdf'),
      { 'content-type': 'application/pdf' },
      aPdf(['The lamp burns whale oil until dawn.']),
    );
    expect(await ended('lamp.pdf')).toMatchObject({ state: 'ready', contentType: 'application/pdf', sourceUrl: null });
    const [first] = await passagesFor('What does the lamp burn until dawn?');
    expect(first).toMatchObject({ documentId: 'lamp.pdf', text: expect.stringContaining('whale oil') });
  });

  test('as a Word document', async () => {
    const docx = aDocx(['# Fog signals', 'In fog the keeper sounds the horn once a minute.']);
    await put(`${pathOf('fog.docx')}?url=https://example.com/fog`, { 'content-type': DOCX }, docx);
    expect(await ended('fog.docx')).toMatchObject({
      state: 'ready',
      title: 'Fog signals',
      url: 'https://example.com/fog',
    });
    const [first] = await passagesFor('How often does the keeper sound the horn in fog?');
    expect(first).toMatchObject({ documentId: 'fog.docx', title: 'Fog signals', headings: ['Fog signals'] });
  });

  test('as a page in another charset', async () => {
    const html = '<title>Müller’s bakery</title><main><p>Frau Müller feeds the sourdough at four.</p></main>';
    const latin1 = Buffer.from(html.replace('’', "'"), 'latin1');
    await put(pathOf('bakery'), { 'content-type': 'text/html; charset=iso-8859-1' }, latin1);
    expect(await ended('bakery')).toMatchObject({ state: 'ready', title: "Müller's bakery" });
    const [first] = await passagesFor('When does Frau Müller feed the sourdough?');
    expect(first).toMatchObject({ documentId: 'bakery', text: 'Frau Müller feeds the sourdough at four.' });
  });

  test('as a table', async () => {
    await put(pathOf('costs.csv'), { 'content-type': 'text/csv' }, 'item,price\nbrass handle,9 crowns\n');
    expect(await ended('costs.csv')).toMatchObject({ state: 'ready' });
    expect((await passagesFor('What is the price of the brass handle?'))[0]?.documentId).toBe('costs.csv');
  });

  test('as an address', async () => {
    const accepted = await put(pathOf('tides'), json, JSON.stringify({ sourceUrl: `${origin}/tide/tables.html#part` }));
    expect(accepted).toMatchObject({
      state: 'queued',
      sourceUrl: `${origin}/tide/tables.html`,
      contentType: null,
      url: null,
    });
    expect(await ended('tides')).toMatchObject({
      state: 'ready',
      title: 'Tide tables',
      url: `${origin}/tide/tables.html`,
      contentType: 'text/html',
    });
    // So the runtime says that it has taken `no-store`.
    expect(cacheControl).toBe('no-cache');
    const [first] = await passagesFor('When does the spring tide reach the iron mark?');
    expect(first).toMatchObject({
      documentId: 'tides',
      text: `Spring tide reaches [the iron mark](${origin}/tide/mark.html) at the full moon.`,
    });
  });
});

describe('an address that may not be read', () => {
  test.each([
    'http://127.0.0.1/',
    'http://169.254.169.254/latest/',
    'ftp://example.com/',
    'https://u:p@example.com/',
    // 2,700 characters when it is asked.
    `https://example.com/${'文'.repeat(300)}`,
  ])('by its form alone, like %s, is refused at once', async (sourceUrl) => {
    const body = JSON.stringify({ sourceUrl });
    const response = await vigil.fetch(pathOf('x'), { method: 'PUT', headers: json, body });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'SOURCE_FORBIDDEN' });
  });
});

describe('the JSON form', () => {
  test.each<[string, object, string, string]>([
    ['neither content nor address', {}, '/content', 'either content or sourceUrl'],
    ['both', { content: 'a', sourceUrl: 'https://example.com/' }, '/sourceUrl', 'beside content'],
    [
      'an address with a type',
      { contentType: 'text/html', sourceUrl: 'https://example.com/' },
      '/contentType',
      'with sourceUrl',
    ],
    [
      'a file as text',
      { content: '%PDF-1.7', contentType: 'application/pdf' },
      '/contentType',
      'send it as the body itself',
    ],
    ['an unknown type', { content: 'a', contentType: 'text/rtf' }, '/contentType', 'must be one of text/markdown'],
    ['an address that is none', { sourceUrl: 'example' }, '/sourceUrl', ''],
  ])('with %s is refused', async (_, body, pointer, detail) => {
    const init = { method: 'PUT', headers: json, body: JSON.stringify(body) };
    const response = await vigil.fetch(pathOf('x'), init);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ pointer, detail: expect.stringContaining(detail) }] });
  });
});

test('a file over its limit is refused with the limit’s name', async () => {
  await vigil.redeploy({ MAX_FILE_BYTES: '100' });
  const init = { method: 'PUT', headers: { 'content-type': 'application/pdf' }, body: aPdf(['A lamp.']) };
  const response = await vigil.fetch(pathOf('big.pdf'), init);
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('100 bytes (MAX_FILE_BYTES)') });
});
