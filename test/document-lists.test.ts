import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { createDocumentList, type ListedDocuments } from '../src/catalog/document-list.ts';
import { createLiveChunks } from '../src/catalog/live-chunks.ts';
import { systemClock } from '../src/clock.ts';
import { readCursor, writeCursor } from '../src/http/cursor.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { createCallUpstream } from '../src/resilience/call-upstream.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { createLexicalIndex, type LexicalIndex } from '../src/retrieval/lexical/lexical-index.ts';
import { type ChunkPosition, readChunkPage } from '../src/retrieval/read-chunk-page.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const NAMESPACE = 'docs';
const telemetry = { emit: () => {}, count: () => {}, observe: () => {} };
const soon = () => deadlineIn(systemClock, 10_000);
const everything: ListedDocuments = { state: null, filter: null, idPrefix: '', after: '', limit: 50 };

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

const callUpstream = createCallUpstream({ clock: systemClock, telemetry });

function database() {
  return createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream, timeoutMs: 10_000 });
}

/** Rows of documents, as an acceptance leaves them. */
async function accept(ids: string[], metadata: Record<string, string | number> = {}, namespace = NAMESPACE) {
  const described = { contentType: 'text/plain', contentBytes: 1, sourceUrl: null, title: null, url: null, metadata };
  const hashes = { identityHash: 'i', contentHash: 'c', objectKey: 'k' };
  const version = { previousVersion: null, version: 1, mayRevive: true, previous: null, ...hashes, ...described };
  const documents = ids.map((documentId) => ({ documentId, version, nowMs: 1 }));
  const accepted = await world.services.catalog.documents.acceptMany(namespace, documents, soon());
  expect(accepted).toEqual({ ok: true, value: ids.map(() => true) });
}

async function remove(ids: string[]) {
  const sql = 'DELETE FROM documents WHERE document_id IN (SELECT value FROM json_each(?1))';
  await storage.CATALOG_DB.prepare(sql).bind(JSON.stringify(ids)).run();
  await storage.CATALOG_DB.prepare(sql.replace('documents', 'document_versions')).bind(JSON.stringify(ids)).run();
}

async function page(asked: Partial<ListedDocuments>, window = 5_000, namespace = NAMESPACE) {
  const found = await createDocumentList(database(), window).page(namespace, { ...everything, ...asked }, soon());
  if (!found.ok) throw new Error(found.error.message);
  return { ids: found.value.records.map(({ documentId }) => documentId), next: found.value.next };
}

async function pages(asked: Partial<ListedDocuments>, window: number, between: (n: number) => Promise<void>) {
  const ids: string[] = [];
  let after: string | null = '';
  for (let n = 0; after !== null; n += 1) {
    if (n > 200) throw new Error('the list has no end');
    const found: { ids: string[]; next: string | null } = await page({ ...asked, after }, window);
    ids.push(...found.ids);
    // The way a client's cursor goes.
    after = found.next && readCursor('documents', z.string(), writeCursor('documents', found.next));
    await between(n);
  }
  return ids;
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('a list of documents', () => {
  it('has each that is there throughout exactly once, whatever comes and goes between its pages', async () => {
    const id = fc.string({ unit: fc.constantFrom('a', 'b', '/x', 'ü', '🙂', '\uffee'), minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(id, { minLength: 1, maxLength: 14 }),
        fc.array(fc.uniqueArray(id, { maxLength: 3 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 6 }),
        async (lasting, visiting, limit, window) => {
          await emptyStorage(storage);
          await accept(lasting);
          const kept = new Set(lasting);
          let visitors: string[] = [];
          const found = await pages({ limit }, window, async (n) => {
            if (visitors.length > 0) await remove(visitors);
            visitors = (visiting[n] ?? []).filter((visitor) => !kept.has(visitor));
            if (visitors.length > 0) await accept(visitors);
          });
          expect(found.filter((each) => kept.has(each))).toEqual(lasting.toSorted(byBytes));
          expect(new Set(found).size).toBe(found.length);
          expect(found).toEqual(found.toSorted(byBytes));
        },
      ),
      { seed: 7, numRuns: 40 },
    );
  }, 120_000);

  it('has all that begin with a prefix, and nothing else', async () => {
    const ids = ['a', 'a/1', 'a/🙂', 'a/\u{10fffd}x', 'ab', 'b', 'ä', 'A/1'];
    await accept(ids);
    expect((await page({ idPrefix: 'a/' })).ids).toEqual(['a/1', 'a/🙂', 'a/\u{10fffd}x']);
    expect((await page({ idPrefix: 'a' })).ids).toEqual(['a', 'a/1', 'a/🙂', 'a/\u{10fffd}x', 'ab']);
    expect((await page({ idPrefix: 'a/', after: 'a/1', limit: 1 })).ids).toEqual(['a/🙂']);
    expect((await page({ idPrefix: '%' })).ids).toEqual([]);
    expect((await page({})).ids).toEqual(ids.toSorted(byBytes));
  });

  it('is narrowed down by state and by the newest version’s metadata', async () => {
    await accept(['en1', 'en2'], { lang: 'en' });
    await accept(['de'], { lang: 'de', year: 2026 });
    await storage.CATALOG_DB.prepare("UPDATE documents SET state = 'failed' WHERE document_id <> 'en1'").run();
    expect((await page({ filter: { op: 'eq', key: 'lang', value: 'en' } })).ids).toEqual(['en1', 'en2']);
    expect((await page({ filter: { op: 'gte', key: 'year', value: 2020 } })).ids).toEqual(['de']);
    expect((await page({ state: 'failed' })).ids).toEqual(['de', 'en2']);
    expect((await page({ state: 'queued' })).ids).toEqual(['en1']);
    expect((await page({ state: 'failed', filter: { op: 'eq', key: 'lang', value: 'en' } })).ids).toEqual(['en2']);
  });

  it('shows those of a deleted namespace as on their way out, whatever their rows still say', async () => {
    await accept(['a', 'b']);
    await storage.CATALOG_DB.prepare('UPDATE namespaces SET erased_up_to = 1').run();
    expect((await page({ state: 'deleting' })).ids).toEqual(['a', 'b']);
    expect((await page({ state: 'queued' })).ids).toEqual([]);
    await storage.CATALOG_DB.prepare("UPDATE documents SET state = 'failed'").run();
    expect((await page({ state: 'failed' })).ids).toEqual([]);
  });

  it('(peers 23) has the documents of its own namespace only', async () => {
    await accept(['mine']);
    await accept(['yours'], {}, 'other');
    expect((await page({})).ids).toEqual(['mine']);
    expect((await page({}, 5_000, 'nobody')).ids).toEqual([]);
  });

  it('looks at a bounded number of documents a page, though few of them fit', async () => {
    await accept(Array.from({ length: 20 }, (_, n) => `plain${String(n).padStart(2, '0')}`));
    await accept(['zebra'], { lang: 'en' });
    const filter = { op: 'eq', key: 'lang', value: 'en' } as const;
    const first = await page({ filter }, 10);
    expect(first).toEqual({ ids: [], next: 'plain09' });
    const sizes: number[] = [];
    expect(await pages({ filter }, 10, async (n) => void sizes.push(n))).toEqual(['zebra']);
    expect(sizes).toHaveLength(3);
  });
});

describe('the chunks of a document', () => {
  const GUIDE = `# Guide\n\n${Array.from({ length: 12 }, (_, n) => `## Part ${n}\n\nWords 🙂 about part ${n}.`).join('\n\n')}`;

  async function put(content: string) {
    const described = { title: null, url: null, metadata: { lang: 'en' } };
    const accepted = await acceptDocument(world.services, {
      namespace: NAMESPACE,
      documentId: 'g',
      source: aText(content),
      ...described,
    });
    if (!accepted.ok) throw new Error('not accepted');
    return accepted.value.status.version;
  }

  let readChunks: LexicalIndex['read'];

  beforeEach(() => {
    const options = { db: storage.LEXICAL_DB, callUpstream, searchTimeoutMs: 10_000, writeTimeoutMs: 10_000 };
    readChunks = createLexicalIndex(options).read;
  });

  async function chunkPage(after: ChunkPosition | null, limit = 5, documentId = 'g') {
    const sources = { liveChunks: createLiveChunks(database()), lexicalIndex: { read: readChunks } };
    const read = await readChunkPage(sources, { namespace: NAMESPACE, documentId }, { after, limit }, soon());
    if (!read.ok) throw new Error(read.error.message);
    return read.value;
  }

  async function pageOf(after: ChunkPosition | null, limit = 5) {
    const found = await chunkPage(after, limit);
    if (typeof found === 'string') throw new Error(found);
    return found;
  }

  it('come in pages, each once and in order, and each is a slice of the stored text', async () => {
    const version = await put(GUIDE);
    await world.settle();
    const first = await pageOf(null);
    const chunks = [...first.chunks];
    for (let next = first.next; next !== null; ) {
      const page = await pageOf(next);
      expect(page.version).toBe(version);
      chunks.push(...page.chunks);
      next = page.next;
    }
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.map(({ n }) => n)).toEqual(chunks.map((_, n) => n));
    for (const { text, start, end } of chunks) expect(GUIDE.slice(start, end)).toBe(text);
    expect(chunks.at(-1)).toMatchObject({ headings: ['Guide', 'Part 11'], metadata: { lang: 'en' } });
  });

  it('are those of the live version: none before there is one, the old ones while a new one waits', async () => {
    await put(GUIDE);
    expect(await chunkPage(null)).toEqual({ version: null, chunks: [], next: null });
    await world.settle();
    const before = await pageOf(null);
    const version = await put('# Guide\n\nShort.');
    expect(await pageOf(null)).toEqual(before);
    await world.settle();
    expect(await pageOf(null)).toMatchObject({ version, chunks: [{ n: 0 }], next: null });
    // A cursor into what is gone must not go on in something else.
    expect(await chunkPage(before.next)).toBe('stale');
    await removeDocument(world.services, NAMESPACE, 'g');
    expect(await chunkPage(null)).toEqual({ version: null, chunks: [], next: null });
    await world.settle();
    expect(await chunkPage(null)).toBe('unknown');
  });

  it('are out of sight with their namespace', async () => {
    await put(GUIDE);
    await world.settle();
    await storage.CATALOG_DB.prepare('UPDATE namespaces SET erased_up_to = 1e15').run();
    expect(await chunkPage(null)).toEqual({ version: null, chunks: [], next: null });
  });

  it('are those of one version, though another goes live between the two reads', async () => {
    await put(GUIDE);
    await world.settle();
    const readNow = readChunks;
    let version = 0;
    readChunks = async (...asked) => {
      if (version === 0) {
        version = await put('# Guide\n\nShort.');
        await world.settle();
      }
      return readNow(...asked);
    };
    expect(await pageOf(null)).toMatchObject({ version, chunks: [{ n: 0, version }], next: null });
  });
});
