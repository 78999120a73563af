import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { changeDocument, type DocumentChange } from '../src/ingest/change-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const GUIDE = '# Guide\n\nHow it begins.\n\n## Part\n\nHow it goes on.';
const KEY = { namespace: NAMESPACE, documentId: 'guide.md' };

let storage: Storage;
let close: () => Promise<void>;
let world: IngestWorld;

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
afterAll(() => close());
beforeEach(async () => {
  await emptyStorage(storage);
  world = createIngestWorld(storage);
});

async function put(content = GUIDE) {
  const described = { title: null, url: 'https://example.com/' };
  const accepted = await acceptDocument(world.services, {
    ...KEY,
    source: aText(content),
    ...described,
    metadata: { lang: 'en', year: 2026 },
  });
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
}

async function change(parts: DocumentChange) {
  const changed = await changeDocument(world.services, KEY, parts);
  if (!changed.ok) throw new Error(JSON.stringify(changed.error));
  return changed.value;
}

async function ready() {
  await put();
  await world.settle();
  world.embedder.calls.length = 0;
}

async function storedChunks() {
  const { results } = await storage.LEXICAL_DB.prepare('SELECT title, url, metadata FROM passages').all();
  return results;
}

describe('a change of metadata', () => {
  it('(peers 25) is in every passage after one delivery, and embeds nothing', async () => {
    await ready();
    const changed = await change({ url: null, metadata: { lang: 'de', year: null, draft: true } });
    expect(changed).toMatchObject({ outcome: 'updated', status: { state: { state: 'queued' }, url: null } });
    expect(changed?.status.metadata).toEqual({ lang: 'de', draft: true });
    expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
    expect(world.embedder.calls).toEqual([]);
    for (const { title, url, metadata } of await storedChunks()) {
      expect([title, url, JSON.parse(String(metadata))]).toEqual(['Guide', null, { lang: 'de', draft: true }]);
    }
    await expectExactly(world, storage, { 'guide.md': GUIDE });
  });

  it('that changes nothing is none', async () => {
    await ready();
    expect(await change({ metadata: { lang: 'en', missing: null } })).toMatchObject({ outcome: 'unchanged' });
    expect(world.queue.deliveries).toEqual([]);
  });

  it('keeps the text when many come at once and one after another', async () => {
    await ready();
    await Promise.all([1, 2, 3].map((n) => change({ metadata: { [`key${n}`]: n } })));
    await world.deliver();
    await change({ metadata: { last: true } });
    await world.settle();
    const [chunk] = await storedChunks();
    expect(JSON.parse(String(chunk?.metadata))).toEqual({
      lang: 'en',
      year: 2026,
      key1: 1,
      key2: 2,
      key3: 3,
      last: true,
    });
    await expectExactly(world, storage, { 'guide.md': GUIDE });
  });

  it('follows another one, whatever that has written', async () => {
    await ready();
    const odd = { a: '"\\/<é😀\t\u007f', b: 1e21, c: -0, d: 0.1, e: [], f: ['', "'"], g: false, h: 1e-7 };
    await change({ metadata: odd });
    expect(await change({ metadata: { i: 1 } })).toMatchObject({ outcome: 'updated' });
    await world.settle();
    const { results } = await storage.CATALOG_DB.prepare('SELECT metadata FROM document_versions').all();
    expect(results.map(({ metadata }) => JSON.parse(String(metadata)))).toEqual([
      { lang: 'en', year: 2026, ...odd, c: 0, i: 1 },
    ]);
  });

  it('of a document that is not ingested yet is ingested with it', async () => {
    await put();
    await change({ metadata: { lang: 'de' } });
    await world.settle();
    await expectExactly(world, storage, { 'guide.md': GUIDE });
    expect((await storedChunks()).every(({ metadata }) => JSON.parse(String(metadata)).lang === 'de')).toBe(true);
  });

  it('leaves the text of the new version when the text is replaced afterwards', async () => {
    await ready();
    await change({ metadata: { lang: 'de' } });
    await put('# Other\n\nAnother text.');
    await world.settle();
    await expectExactly(world, storage, { 'guide.md': '# Other\n\nAnother text.' });
  });

  it('does not bring back a document that is being deleted, not even when both come at once', async () => {
    await ready();
    const { documents } = world.services.catalog;
    const racing = {
      ...world.services,
      catalog: {
        ...world.services.catalog,
        documents: {
          ...documents,
          async find(...args: Parameters<typeof documents.find>) {
            const found = await documents.find(...args);
            await removeDocument(world.services, NAMESPACE, 'guide.md');
            return found;
          },
        },
      },
    };
    expect(await changeDocument(racing, KEY, { metadata: { lang: 'de' } })).toEqual({ ok: true, value: null });
    await world.settle();
    await expectExactly(world, storage, {});
  });

  it('is made of what reading the source has shown, when both happen at once', async () => {
    await put();
    const { documents } = world.services.catalog;
    let isFirst = true;
    const racing = {
      ...world.services,
      catalog: {
        ...world.services.catalog,
        documents: {
          ...documents,
          async find(...args: Parameters<typeof documents.find>) {
            const found = await documents.find(...args);
            if (isFirst)
              await storage.CATALOG_DB.prepare(
                "UPDATE document_versions SET title = 'Found', content_hash = 'x'",
              ).run();
            isFirst = false;
            return found;
          },
        },
      },
    };
    const changed = await changeDocument(racing, KEY, { metadata: { lang: 'de' } });
    expect(changed).toMatchObject({ ok: true, value: { outcome: 'updated', status: { title: 'Found' } } });
  });

  it('that would make the metadata too large is refused', async () => {
    await ready();
    const large = { a: 'x'.repeat(900), b: 'x'.repeat(900), c: 'x'.repeat(900) };
    const changed = await changeDocument(world.services, KEY, { metadata: large });
    expect(changed).toMatchObject({ ok: false, error: { kind: 'unprocessable' } });
  });

  it('of no document is none', async () => {
    expect(await change({ metadata: { lang: 'de' } })).toBeNull();
  });
});

it('a change of the title is embedded with every passage', async () => {
  await ready();
  await change({ title: 'Handbook' });
  await world.settle();
  expect(world.embedder.calls.flat().length).toBeGreaterThan(0);
  await expectExactly(world, storage, { 'guide.md': GUIDE });
});
