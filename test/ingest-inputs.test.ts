import { createServer, type ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aDocx } from '../local/ai/docx-fixture.ts';
import { aPdf } from '../local/ai/pdf-fixture.ts';
import { statusOf } from '../src/catalog/document-record.ts';
import { acceptDocument, type DocumentInput } from '../src/ingest/accept-document.ts';
import { changeDocument } from '../src/ingest/change-document.ts';
import type { IngestServices } from '../src/ingest/ingest-services.ts';
import type { MediaType, TextType } from '../src/ingest/media-types.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, LEASE_MS } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const PAGE =
  '<title>The lamp</title><nav>Menu</nav><main><h1>Lamp</h1><p>It burns <a href="oil.html">oil</a>.</p></main>';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

let storage: Storage;
let close: () => Promise<void>;
let world: IngestWorld;
let origin = '';
let site: Record<string, (response: ServerResponse) => void> = {};
let visits: string[] = [];
const server = createServer(({ url = '' }, response) => {
  visits.push(url);
  const answer = site[url];
  if (answer) answer(response);
  else response.writeHead(404).end();
});

beforeAll(async () => {
  ({ storage, close } = await startStorage());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  origin = `http://127.0.0.1:${address.port}`;
}, 60_000);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await close();
});
beforeEach(async () => {
  await emptyStorage(storage);
  world = createIngestWorld(storage);
  world.testOrigins.push(origin);
});
afterEach(() => {
  site = {};
  visits = [];
});

type Source = DocumentInput['source'];
const fileOf = (contentType: Exclude<MediaType, TextType>, bytes: Uint8Array): Source => ({
  kind: 'file',
  contentType,
  bytes,
});
const addressOf = (path: string): Source => ({ kind: 'url', sourceUrl: `${origin}${path}` });
const serve = (path: string, contentType: string, body: string | Uint8Array, status = 200) => {
  site[path] = (response) => response.writeHead(status, { 'content-type': contentType }).end(body);
};

async function accept(source: Source, parts: Partial<DocumentInput> = {}) {
  const input = {
    namespace: NAMESPACE,
    documentId: 'coast/lamp',
    title: null,
    url: null,
    metadata: {},
    source,
    ...parts,
  };
  const accepted = await acceptDocument(world.services, input);
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
  return accepted.value;
}

async function status(documentId = 'coast/lamp') {
  const found = await world.services.catalog.documents.find(
    NAMESPACE,
    documentId,
    deadlineIn(world.services.clock, 10_000),
  );
  if (!found.ok || found.value === null) throw new Error('no such document');
  return statusOf(found.value, ['first', 'second']);
}

async function passages() {
  const read = await storage.LEXICAL_DB.prepare('SELECT text FROM passages ORDER BY document_id, n').all<{
    text: string;
  }>();
  return read.results.map(({ text }) => text);
}

async function keys() {
  return (await storage.DOCUMENTS.list()).objects.map(({ key }) => key.split('/').slice(3).join('/'));
}

describe('a page', () => {
  it('is kept as it came and searched by what it says', async () => {
    const { status: accepted } = await accept(aText(PAGE, 'text/html'), { url: 'https://example.com/docs/' });
    expect(accepted).toMatchObject({ title: null, contentType: 'text/html', contentBytes: PAGE.length });
    expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
    expect(await status()).toMatchObject({ state: { state: 'ready' }, title: 'The lamp', contentType: 'text/html' });
    expect(await passages()).toEqual(['# Lamp\n\nIt burns [oil](https://example.com/docs/oil.html).']);
    expect(await keys()).toEqual(['id-1', 'id-1/text']);
    const { objects } = await storage.DOCUMENTS.list();
    expect(await (await storage.DOCUMENTS.get(objects[0]?.key ?? ''))?.text()).toBe(PAGE);
  });

  it('has chunks that are exactly slices of its stored text', async () => {
    const html = `<main>${Array.from({ length: 12 }, (_, n) => `<h2>Part ${n}</h2><p>Words about part ${n}.</p>`).join('')}</main>`;
    await accept(aText(html, 'text/html'));
    await world.deliver();
    const { objects } = await storage.DOCUMENTS.list();
    const text = await (
      await storage.DOCUMENTS.get(objects.find(({ key }) => key.endsWith('/text'))?.key ?? '')
    )?.text();
    const rows = await storage.LEXICAL_DB.prepare('SELECT text, start_at AS "from", end_at AS "to" FROM passages').all<{
      text: string;
      from: number;
      to: number;
    }>();
    expect(rows.results.length).toBeGreaterThan(1);
    for (const row of rows.results) expect(text?.slice(row.from, row.to)).toBe(row.text);
  });

  it('keeps the title it was given', async () => {
    await accept(aText(PAGE, 'text/html'), { title: 'Mine' });
    await world.deliver();
    expect((await status()).title).toBe('Mine');
  });

  it('without words fails for good', async () => {
    await accept(aText('<main><script>let words = 1</script></main>', 'text/html'));
    await world.deliver();
    expect(await status()).toMatchObject({ state: { state: 'failed', code: 'DOCUMENT_EMPTY', nextRetryAtMs: null } });
  });

  it('is unchanged when it is put again', async () => {
    await accept(aText(PAGE, 'text/html'));
    expect((await accept(aText(PAGE, 'text/html'))).outcome).toBe('unchanged');
    await world.deliver();
    expect((await accept(aText(PAGE, 'text/html'))).outcome).toBe('unchanged');
  });

  it('that is too large when converted fails for good', async () => {
    await accept(
      aText(`<base href="https://example.com/${'a'.repeat(900)}/">${'<a href=x>y</a> '.repeat(200)}`, 'text/html'),
    );
    await world.deliver();
    expect((await status()).state).toMatchObject({ state: 'failed', code: 'CONVERSION_TOO_LARGE' });
  });
});

describe('a file', () => {
  it('is made Markdown by the converter, under its own name', async () => {
    const pdf = aPdf(['The lamp burns whale oil.']);
    await accept(fileOf('application/pdf', pdf));
    await world.deliver();
    expect(world.converter.files).toEqual([{ name: 'lamp.pdf', mimeType: 'application/pdf', bytes: pdf }]);
    expect(await status()).toMatchObject({ state: { state: 'ready' }, contentBytes: pdf.byteLength });
    expect((await passages()).join()).toContain('The lamp burns whale oil.');
    expect(await keys()).toEqual(['id-1', 'id-1/text']);
  });

  it('is called by its first heading', async () => {
    await accept(fileOf(DOCX, aDocx(['# Keeping the lamp', 'Trim the wick.'])));
    await world.deliver();
    expect((await status()).title).toBe('Keeping the lamp');
  });

  it('that is the same is unchanged, and one that differs by a byte is not', async () => {
    await accept(fileOf('application/pdf', aPdf(['One.'])));
    expect((await accept(fileOf('application/pdf', aPdf(['One.'])))).outcome).toBe('unchanged');
    expect((await accept(fileOf('application/pdf', aPdf(['Two.'])))).outcome).toBe('updated');
  });

  it('that cannot be converted fails for good, with the converter’s words', async () => {
    await accept(fileOf('application/pdf', new TextEncoder().encode('%PDF-1.4 broken')));
    await world.deliver();
    const { state } = await status();
    expect(state).toMatchObject({ state: 'failed', code: 'CONVERSION_FAILED', nextRetryAtMs: null });
    expect(state).toHaveProperty('message', expect.stringMatching(/\w{3}/));
  });

  it('(peers 14) waits while the converter is busy, and is converted then', async () => {
    world.converter.failWith = Object.assign(new Error('3040: Capacity temporarily exceeded'), {
      name: 'InferenceUpstreamError',
    });
    await accept(fileOf('application/pdf', aPdf(['The lamp.'])));
    const [outcome] = await world.deliver();
    expect(outcome).toEqual({ kind: 'retry', delaySeconds: 30 });
    expect(await status()).toMatchObject({ state: { state: 'queued' }, lastFailure: { code: '3040' } });
    world.converter.failWith = null;
    await world.settle();
    expect((await status()).state).toEqual({ state: 'ready' });
  });

  it('is converted once, although what comes after fails', async () => {
    world.embedder.failWith = 'transient';
    await accept(fileOf('application/pdf', aPdf(['The lamp.'])));
    await world.deliver();
    world.embedder.failWith = null;
    await world.settle();
    expect((await status()).state).toEqual({ state: 'ready' });
    expect(world.converter.files).toHaveLength(1);
  });

  it('keeps no text waiting, however long its conversion takes', async () => {
    await accept(fileOf('application/pdf', aPdf(['The lamp.'])));
    await accept(aText('A short text.'), { documentId: 'short.md' });
    const { converter } = world.services;
    world.services.converter = {
      async convert(file, deadline) {
        await expect.poll(async () => (await status('short.md')).state.state, { timeout: 10_000 }).toBe('ready');
        return converter.convert(file, deadline);
      },
    };
    await world.deliver();
    expect((await status()).state).toEqual({ state: 'ready' });
  });

  it('(peers 16) leaves those behind it to the next delivery when it has taken too long', async () => {
    for (const name of ['a', 'b', 'c']) {
      await accept(fileOf('application/pdf', aPdf([`Text ${name}.`])), { documentId: name });
    }
    const { converter } = world.services;
    world.services.converter = {
      convert(file, deadline) {
        world.pass(180_001);
        return converter.convert(file, deadline);
      },
    };
    world.services.settings.leaseMs = 900_000;
    await world.deliver();
    expect((await status('c')).state.state).toBe('processing');
    world.services.converter = converter;
    await world.settle();
    for (const name of ['a', 'b', 'c']) expect((await status(name)).state).toEqual({ state: 'ready' });
    expect(world.converter.files).toHaveLength(3);
  });

  it('shows that it is being converted', async () => {
    await accept(fileOf('application/pdf', aPdf(['The lamp.'])));
    let seen: unknown;
    const { converter } = world.services;
    world.services.converter = {
      async convert(file, deadline) {
        seen = (await status()).state;
        return converter.convert(file, deadline);
      },
    };
    await world.deliver();
    expect(seen).toEqual({ state: 'processing', stage: 'converting', done: 0, total: 0 });
  });

  it('leaves nothing behind when it is deleted, nor when it is replaced', async () => {
    await accept(fileOf('application/pdf', aPdf(['The lamp.'])));
    await world.settle();
    await accept(aText('A short text.'));
    await world.settle();
    expect(await keys()).toEqual(['id-3']);
    await accept(fileOf('application/pdf', aPdf(['The lamp.'])));
    await world.settle();
    await removeDocument(world.services, NAMESPACE, 'coast/lamp');
    await world.settle();
    expect(await keys()).toEqual([]);
  });
});

describe('front matter', () => {
  const content = '---\ntitle: The lamp\nlang: en\nurl: https://example.com/lamp\n---\n\n# Keeping\n\nIt burns oil.';

  it('describes a Markdown document at once, and what is given wins', async () => {
    const { status: accepted } = await accept(aText(content), { metadata: { lang: 'de' } });
    expect(accepted).toMatchObject({ title: 'The lamp', url: 'https://example.com/lamp', metadata: { lang: 'de' } });
  });

  it('that changes is a change', async () => {
    await accept(aText(content));
    expect((await accept(aText(content.replace('en', 'de')))).outcome).toBe('updated');
    expect((await accept(aText(content.replace('en', 'de')))).outcome).toBe('unchanged');
  });

  it('of what is read from an address is kept by a change that is decided while it is read', async () => {
    serve('/lamp.md', 'text/markdown', content);
    await accept(addressOf('/lamp.md'), { title: 'Mine', metadata: { draft: true } });
    const { catalog } = world.services;
    const key = { namespace: NAMESPACE, documentId: 'coast/lamp' };
    let changing: Promise<unknown> | null = null;
    const { promise: seen, resolve: sees } = Promise.withResolvers<void>();
    const { promise: completed, resolve: completes } = Promise.withResolvers<void>();
    // Its first look is between what the source's type is and what its front matter says, its writing after both.
    const changer = {
      ...world.services,
      catalog: {
        ...catalog,
        documents: {
          ...catalog.documents,
          async find(...args: Parameters<typeof catalog.documents.find>) {
            const found = await catalog.documents.find(...args);
            sees();
            await completed;
            return found;
          },
        },
      },
    };
    const sources = {
      async note(...args: Parameters<typeof catalog.sources.note>) {
        const noted = await catalog.sources.note(...args);
        if (changing !== null) {
          completes();
          await changing;
          return noted;
        }
        changing = changeDocument(changer, key, { metadata: { year: 2026 } });
        await seen;
        return noted;
      },
    };
    await world.deliver({ ...world.services, catalog: { ...catalog, sources } });
    await world.settle();
    expect(await status()).toMatchObject({
      state: { state: 'ready' },
      title: 'Mine',
      metadata: { draft: true, lang: 'en', year: 2026 },
    });
  });

  it('of what is read from an address counts as well', async () => {
    serve('/lamp.md', 'text/markdown', content);
    await accept(addressOf('/lamp.md'));
    await world.deliver();
    expect(await status()).toMatchObject({ title: 'The lamp', metadata: { lang: 'en' }, url: `${origin}/lamp.md` });
  });
});

describe('an address', () => {
  it('is read by the consumer, and its redirects say where the document is', async () => {
    site['/old'] = (response) => response.writeHead(301, { location: '/docs/lamp.html' }).end();
    serve('/docs/lamp.html', 'text/html; charset=iso-8859-1', Buffer.from(PAGE.replace('oil<', 'öl<'), 'latin1'));
    const { status: accepted } = await accept(addressOf('/old'));
    expect(accepted).toMatchObject({ sourceUrl: `${origin}/old`, url: null, title: null, contentBytes: 0 });
    expect(visits).toEqual([]);
    expect(await keys()).toEqual([]);
    await world.deliver();
    expect(await status()).toMatchObject({
      state: { state: 'ready' },
      title: 'The lamp',
      url: `${origin}/docs/lamp.html`,
      sourceUrl: `${origin}/old`,
      contentType: 'text/html',
      contentBytes: PAGE.length,
    });
    expect(await passages()).toEqual([`# Lamp\n\nIt burns [öl](${origin}/docs/oil.html).`]);
    expect(await keys()).toEqual(['id-1', 'id-1/text']);
  });

  it.each<[string, string, string | Uint8Array, string]>([
    ['plain text', 'text/plain', '# no heading', '# no heading'],
    ['a PDF', 'application/pdf', aPdf(['The lamp burns whale oil.']), 'The lamp burns whale oil.'],
  ])('may be that of %s', async (_, type, body, expected) => {
    serve('/a', type, body);
    await accept(addressOf('/a'));
    await world.deliver();
    expect((await passages()).join()).toContain(expected);
    expect((await status()).contentType).toBe(type);
  });

  it('with more bytes than its namespace may hold fails for good', async () => {
    const limited = `INSERT INTO namespaces (namespace, created_at_ms, max_bytes) VALUES ('${NAMESPACE}', 1, 40)`;
    await storage.CATALOG_DB.prepare(limited).run();
    serve('/a', 'text/plain', 'word '.repeat(10));
    await accept(addressOf('/a'));
    await world.deliver();
    expect((await status()).state).toMatchObject({
      state: 'failed',
      code: 'QUOTA_EXCEEDED',
      message: 'The namespace may hold 40 bytes and has 0.',
      nextRetryAtMs: null,
    });
    serve('/a', 'text/plain', 'word '.repeat(8));
    await accept(addressOf('/a'));
    await world.settle();
    expect((await status()).state).toEqual({ state: 'ready' });
  });

  it('is unchanged while it is being read, and read again once it is ready', async () => {
    serve('/a', 'text/plain', 'One.');
    expect((await accept(addressOf('/a'))).outcome).toBe('created');
    expect((await accept(addressOf('/a'))).outcome).toBe('unchanged');
    await world.settle();
    serve('/a', 'text/plain', 'Two.');
    expect((await accept(addressOf('/a'))).outcome).toBe('updated');
    await world.settle();
    expect(await passages()).toEqual(['Two.']);
    expect(visits).toEqual(['/a', '/a']);
    expect(await keys()).toEqual(['id-3', 'id-3/text']);
  });

  it('is read once a version, although what comes after fails', async () => {
    serve('/a', 'application/pdf', aPdf(['The lamp.']));
    world.converter.failWith = new Error('3007: Timeout');
    await accept(addressOf('/a'));
    await world.deliver();
    expect((await status()).contentType).toBe('application/pdf');
    world.converter.failWith = null;
    await world.settle();
    expect((await status()).state).toEqual({ state: 'ready' });
    expect(visits).toEqual(['/a']);
  });

  it.each<[string, () => void, string]>([
    ['where nothing is', () => {}, 'SOURCE_NOT_FOUND'],
    [
      'that leads into the network',
      () => {
        site['/a'] = (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      },
      'SOURCE_FORBIDDEN',
    ],
    ['of a picture', () => serve('/a', 'image/png', 'x'), 'SOURCE_TYPE'],
    ['of too much', () => serve('/a', 'text/plain', 'x'.repeat(100_001)), 'SOURCE_TOO_LARGE'],
    [
      'of bytes that are no text',
      () => serve('/a', 'text/plain', new Uint8Array([0x89, 0x50, 0x4e, 0x47])),
      'DOCUMENT_UNREADABLE',
    ],
    ['of a PDF that is none', () => serve('/a', 'application/pdf', '<p>Sign in</p>'), 'DOCUMENT_UNREADABLE'],
    ['without words', () => serve('/a', 'text/html', '<p> </p>'), 'DOCUMENT_EMPTY'],
  ])('%s fails for good, and says why', async (_, prepare, code) => {
    prepare();
    await accept(addressOf('/a'));
    await world.deliver();
    expect((await status()).state).toMatchObject({ state: 'failed', code, nextRetryAtMs: null });
    expect(await passages()).toEqual([]);
  });

  it('that failed is read again when it is put again', async () => {
    await accept(addressOf('/a'));
    await world.deliver();
    serve('/a', 'text/plain', 'Here now.');
    expect((await accept(addressOf('/a'))).outcome).toBe('updated');
    await world.settle();
    expect((await status()).state).toEqual({ state: 'ready' });
  });

  it('(peers 14) that is busy is left alone for as long as it asks', async () => {
    site['/a'] = (response) => response.writeHead(429, { 'retry-after': '300' }).end();
    await accept(addressOf('/a'));
    expect(await world.deliver()).toEqual([{ kind: 'retry', delaySeconds: 300 }]);
    expect(await status()).toMatchObject({ state: { state: 'queued' }, lastFailure: { code: 'SOURCE_BUSY' } });
  });

  it('(peers 15) that is down for a while is read later', async () => {
    serve('/a', 'text/plain', 'down', 500);
    await accept(addressOf('/a'));
    expect(await world.deliver()).toMatchObject([{ kind: 'retry' }]);
    serve('/a', 'text/plain', 'Back again.');
    await world.settle();
    expect(await passages()).toEqual(['Back again.']);
  });
});

it('never overwrites the text that chunks are cut from', async () => {
  const { objects, clock } = world.services;
  const object = { key: 'v1/a/text', namespace: NAMESPACE, documentId: 'a', contentType: 'text/markdown' };
  for (const content of ['first', 'second']) {
    expect(await objects.putOnce({ ...object, content }, deadlineIn(clock, 10_000))).toEqual({
      ok: true,
      value: undefined,
    });
  }
  expect(await objects.read(object.key, deadlineIn(clock, 10_000))).toEqual({ ok: true, value: 'first' });
});

describe('(peers 10) a worker that dies while it converts', () => {
  const steps = ['has', 'fetch', 'put', 'note', 'convert', 'putOnce'] as const;

  it.each(steps.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const]))(
    'at %s, %s it has happened, leaves the document to another, who finishes',
    async (step, when) => {
      serve('/a', 'application/pdf', aPdf(['The lamp burns whale oil.']));
      await accept(addressOf('/a'));
      const died = await Promise.race([world.deliver(dyingAt(world.services, step, when)), death.promise]);
      expect(died).toBe('dead');
      world.pass(LEASE_MS + 1);
      await world.settle();
      expect(await status()).toMatchObject({
        state: { state: 'ready' },
        title: 'lamp.pdf',
        contentType: 'application/pdf',
      });
      expect((await passages()).join()).toContain('The lamp burns whale oil.');
      expect(await keys()).toEqual(['id-1', 'id-1/text']);
    },
  );

  let death = Promise.withResolvers<'dead'>();
  beforeEach(() => {
    death = Promise.withResolvers();
  });

  /** From that call on nothing more comes of it. */
  function dyingAt(services: IngestServices, step: (typeof steps)[number], when: 'before' | 'after'): IngestServices {
    const die = () => {
      death.resolve('dead');
      return new Promise<never>(() => {});
    };
    const mortal = <T extends object>(port: T): T =>
      new Proxy(port, {
        get(target, key) {
          const method: unknown = Reflect.get(target, key);
          if (key !== step || typeof method !== 'function') return method;
          return async (...args: unknown[]) => {
            if (when === 'after') await Reflect.apply(method, target, args);
            return die();
          };
        },
      });
    return {
      ...services,
      objects: mortal(services.objects),
      sources: mortal(services.sources),
      converter: mortal(services.converter),
      catalog: { ...services.catalog, sources: mortal(services.catalog.sources) },
    };
  }
});
