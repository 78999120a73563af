import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { deletionSteps } from '../src/catalog/deletion-steps.ts';
import { createLiveness } from '../src/catalog/liveness.ts';
import { createNamespaceStateRecords } from '../src/catalog/namespace-state-records.ts';
import { createNamespaces } from '../src/catalog/namespaces.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { recordDeadLetter } from '../src/ingest/dead-letter.ts';
import { deleteMany, deleteNamespace } from '../src/ingest/delete-many.ts';
import type { DocumentSource } from '../src/ingest/document-source.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { retiredIn } from '../src/namespaces/namespace-state.ts';
import { fail, succeed } from '../src/result.ts';
import type { MetadataFilter } from '../src/retrieval/filters/metadata-filter.ts';
import { aChunk, anUpstreamError, callUpstreamWith, inSeconds } from './read-path-builders.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, REQUEUE_AFTER_MS, UNLIMITED } from './support/ingest-world.ts';
import type { MemoryVectorStore } from './support/memory-vector-store.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const OLD: MetadataFilter = { op: 'lt', key: 'year', value: 2020 };
const GERMAN: MetadataFilter = { op: 'eq', key: 'lang', value: 'de' };

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

const contentOf = (documentId: string) => `# ${documentId}\n\nWords of ${documentId}.`;
const soon = () => inSeconds(10);

function database() {
  return createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream: callUpstreamWith(), timeoutMs: 10_000 });
}

interface Put {
  namespace?: string;
  content?: string;
  source?: DocumentSource;
}

async function put(documentId: string, year: number, asked: Put = {}) {
  const { namespace = NAMESPACE, content = contentOf(documentId), source = aText(content) } = asked;
  const described = { title: null, url: null, metadata: { year } };
  const accepted = await acceptDocument(world.services, {
    namespace,
    documentId,
    source,
    ...described,
  });
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
  return accepted.value;
}

/** A page on the web, and how a document is put with its address. */
async function aPageWith(frontMatter: string) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/markdown');
    response.end(`---\n${frontMatter}\n---\n# Wort\n\nEin Satz.`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  world.testOrigins.push(origin);
  return (documentId: string, year = 2024) => put(documentId, year, { source: { kind: 'url', sourceUrl: origin } });
}

async function deleteBy(filter: MetadataFilter, services = world.services) {
  const deleted = await deleteMany(services, NAMESPACE, { kind: 'filter', filter });
  if (!deleted.ok || deleted.value === null) throw new Error(JSON.stringify(deleted));
  return deleted.value;
}

async function erase(namespace = NAMESPACE) {
  const deleted = await deleteNamespace(world.services, namespace);
  if (!deleted.ok) throw new Error(JSON.stringify(deleted.error));
  return deleted.value;
}

async function liveIds(namespace = NAMESPACE, ids = ['a', 'b', 'c', 'd']) {
  const live = await createLiveness(database()).liveVersions(namespace, ids, soon());
  if (!live.ok) throw new Error(live.error.message);
  return [...live.value.keys()].sort();
}

async function namespaceNow(namespace = NAMESPACE) {
  const found = await createNamespaces(database(), UNLIMITED).find(namespace, soon());
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

async function stateNow(namespace = NAMESPACE) {
  const read = await createNamespaceStateRecords(database()).read(namespace, soon());
  if (!read.ok || read.value === null) throw new Error('no state');
  return read.value;
}

/** Documents in rows, without the work of ingesting each. */
async function fill(count: number, { namespace = NAMESPACE, year = 2010 } = {}) {
  const ids = JSON.stringify(Array.from({ length: count }, (_, n) => `n${String(n).padStart(5, '0')}`));
  const insert = (sql: string) => storage.CATALOG_DB.prepare(sql).bind(namespace, ids);
  await storage.CATALOG_DB.batch([
    storage.CATALOG_DB.prepare(
      `INSERT INTO namespaces (namespace, created_at_ms) VALUES (?1, 1) ON CONFLICT DO NOTHING`,
    ).bind(namespace),
    insert(`INSERT INTO document_versions (namespace, document_id, version, object_key, identity_hash, content_hash,
              content_type, content_bytes, metadata)
            SELECT ?1, value, 1000 + key, 'v1/none/' || value, 'i', 'c', 'text/plain', 10, '{"year":${year}}'
            FROM json_each(?2)`),
    insert(`INSERT INTO documents (namespace, document_id, version, live_version, state, created_at_ms, updated_at_ms)
            SELECT ?1, value, 1000 + key, 1000 + key, 'ready', 1, 1 FROM json_each(?2)`),
  ]);
}

describe('deleting by filter', () => {
  it('(peers 2) removes exactly the documents that match, everywhere, and no other namespace’s (peers 23)', async () => {
    await put('a', 2010);
    await put('b', 2024);
    await put('a', 2010, { namespace: 'other' });
    await world.deliver();
    await put('c', 2015);
    expect(await deleteBy(OLD)).toMatchObject({ matched: 2, state: 'complete' });
    expect(await liveIds()).toEqual(['b']);
    await world.settle();
    expect(await liveIds('other')).toEqual(['a']);
    await erase('other');
    await world.settle();
    await expectExactly(world, storage, { b: contentOf('b') });
  });

  it('(peers 1) is out of answers when it returns: retired versions are made known', async () => {
    const { version } = (await put('a', 2010)).status;
    await world.deliver();
    await deleteBy(OLD);
    expect(world.published.at(-1)).toBe(NAMESPACE);
    expect(retiredIn(await stateNow())('a', version)).toBe(true);
  });

  it('goes by the newest version, though another one still answers', async () => {
    await put('a', 2010);
    await put('b', 2024);
    await world.deliver();
    await put('a', 2024);
    await put('b', 2010);
    expect((await deleteBy(OLD)).matched).toBe(1);
    await world.settle();
    await expectExactly(world, storage, { a: contentOf('a') });
  });

  it('(peers 2) goes by the live version too while nobody has read the newest one from its address', async () => {
    const read = await aPageWith('lang: de');
    for (const id of ['a', 'b', 'c']) await read(id);
    await world.deliver();
    await read('a');
    await put('b', 2024);
    await read('c');
    const { step } = world.services.catalog.deletions;
    world.services.catalog.deletions.step = async (...args) => {
      world.services.catalog.deletions.step = step;
      await put('c', 2024);
      return step(...args);
    };
    expect((await deleteBy(GERMAN)).matched).toBe(1);
    expect(await liveIds()).toEqual(['b']);
    await world.settle();
    await expectExactly(world, storage, { b: contentOf('b'), c: contentOf('c') });
  });

  it('goes by what the newest version was given, whatever the live one says of that', async () => {
    const read = await aPageWith('lang: de');
    await read('a', 2010);
    await read('b', 2010);
    await world.deliver();
    await read('a', 2024);
    await read('b', 2011);
    expect((await deleteBy(OLD)).matched).toBe(1);
    expect(await liveIds()).toEqual(['a']);
  });

  it('does not go by what was erased with its namespace', async () => {
    const read = await aPageWith('lang: de');
    await read('a');
    await world.deliver();
    const { step } = world.services.catalog.deletions;
    world.services.catalog.deletions.step = async () => {
      world.services.catalog.deletions.step = step;
      return fail(anUpstreamError({ dependency: 'catalog' }));
    };
    await erase();
    await read('a');
    expect((await deleteBy(GERMAN)).matched).toBe(0);
    await world.settle();
    expect(await liveIds()).toEqual(['a']);
  });

  it('leaves what is put after the request, whatever the clock of whoever accepts it says', async () => {
    await put('b', 2010);
    await world.deliver();
    const { step } = world.services.catalog.deletions;
    world.services.catalog.deletions.step = async () => {
      world.services.catalog.deletions.step = step;
      return {
        ok: false,
        error: {
          dependency: 'catalog',
          operation: 'x',
          class: 'transient',
          code: 'X',
          message: '',
          retryAfterMs: null,
        },
      };
    };
    expect(await deleteBy(OLD)).toMatchObject({ matched: 0, state: 'continuing' });
    // Another isolate, a second behind.
    world.pass(-1_000);
    await put('a', 2010);
    await put('b', 2010, { content: '# b\n\nOther words.' });
    world.pass(1_000);
    await world.settle();
    await expectExactly(world, storage, { a: contentOf('a'), b: '# b\n\nOther words.' });
  });

  it('takes the version that still answers out of answers, when its document was put again meanwhile', async () => {
    await put('a', 2010);
    await put('b', 2024);
    await world.deliver();
    const { step } = world.services.catalog.deletions;
    world.services.catalog.deletions.step = async (...args) => {
      world.services.catalog.deletions.step = step;
      await put('a', 2024);
      return step(...args);
    };
    expect((await deleteBy(OLD)).matched).toBe(0);
    expect(await liveIds()).toEqual(['b']);
    await world.settle();
    await expectExactly(world, storage, { a: contentOf('a'), b: contentOf('b') });
  });

  it('takes out thousands within one request, and says so to caches however many they are', async () => {
    await fill(2_500);
    await put('z', 2024);
    await world.deliver();
    const before = await stateNow();
    expect(await deleteBy(OLD)).toMatchObject({ matched: 2_500, state: 'complete' });
    const after = await stateNow();
    expect(after.horizon).toBeGreaterThan(before.content);
    expect(await namespaceNow()).toMatchObject({ documents: { total: 2_501, ready: 1, deleting: 2_500 } });
    // The queue is everybody's: the rest is sent by the sweep.
    expect(world.queue.deliveries).toHaveLength(1_000);
    world.services.settings.sweepLimit = 2_000;
    expect(await sweep(world.services)).toMatchObject({ requeued: 1_500 });
  });

  it('is gone on with by the consumer, and by the sweep when the message is lost or given up', async () => {
    await fill(2_500);
    // Time for one slice.
    world.services.settings.writeDeadlineMs = 2_000;
    expect(await deleteBy(OLD)).toMatchObject({ matched: 1_000, state: 'continuing' });
    const message = { v: 1, kind: 'deletion' as const };
    const [deletion] = world.queue.deliveries.splice(0).filter((delivery) => delivery.message.kind === 'deletion');
    expect(deletion?.message).toMatchObject(message);
    if (deletion === undefined) throw new Error('no message');
    await recordDeadLetter(world.services, deletion.message);
    world.services.settings.sweepLimit = 0;
    expect(await sweep(world.services)).toMatchObject({ requeued: 1 });
    world.queue.deliveries = [];
    expect(await sweep(world.services)).toMatchObject({ requeued: 0 });
    world.pass(REQUEUE_AFTER_MS);
    expect(await sweep(world.services)).toMatchObject({ requeued: 1 });
    expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
    expect(await namespaceNow()).toMatchObject({ documents: { ready: 0, deleting: 2_500 } });
  });

  it('is promised although the queue refuses', async () => {
    await put('a', 2010);
    await put('b', 2024);
    await world.settle();
    world.queue.refuses = true;
    expect(await deleteBy(OLD)).toMatchObject({ matched: 1 });
    world.queue.refuses = false;
    await world.settle();
    await expectExactly(world, storage, { b: contentOf('b') });
  });

  it('forgets finished deletions after a week', async () => {
    await put('a', 2010);
    await deleteBy(OLD);
    world.pass(8 * 24 * 3_600_000);
    await world.settle();
    const left = await storage.CATALOG_DB.prepare('SELECT count(*) AS n FROM deletions').first();
    expect(left).toEqual({ n: 0 });
  });

  it('finds no namespace where there is none', async () => {
    expect(await deleteMany(world.services, 'none', { kind: 'filter', filter: OLD })).toEqual({
      ok: true,
      value: null,
    });
  });
});

describe('a removal', () => {
  /** The store takes the next deletes and says they are done, and does nothing. */
  function swallowDeletes(store: MemoryVectorStore, count: number, isSwallowed: (id: string) => boolean = () => true) {
    const { delete: remove } = store;
    let left = count;
    store.delete = async (namespace, ids, deadline) => {
      const kept = left > 0 ? ids.filter((id) => !isSwallowed(id)) : ids;
      left -= 1;
      return kept.length === 0 ? succeed('0') : remove(namespace, kept, deadline);
    };
  }

  const longContent = (parts: number) =>
    Array.from({ length: parts }, (_, n) => `## Part ${n}\n\nWords ${n}.`).join('\n\n');

  it('(peers 1) is not done while a store still has a single chunk, whatever its receipt says', async () => {
    await put('a', 2010, { content: longContent(50) });
    await world.deliver();
    const ids = world.stores.first.visibleIds();
    swallowDeletes(world.stores.first, 1, (id) => id === ids[27]);
    await deleteBy(OLD);
    expect((await world.deliver())[0]).toMatchObject({ kind: 'retry' });
    expect(world.events).toContainEqual(
      expect.objectContaining({ event: 'removal.incomplete', store: 'first', chunks: 1 }),
    );
    expect(await namespaceNow()).toMatchObject({ documents: { deleting: 1 } });
    await world.settle();
    await expectExactly(world, storage, {});
  });

  it('goes on until a store that keeps what it was told to delete has deleted it', async () => {
    await put('a', 2010);
    await world.deliver();
    swallowDeletes(world.stores.second, 3);
    await deleteBy(OLD);
    await world.settle();
    expect(world.events.filter(({ event }) => event === 'removal.incomplete')).toHaveLength(3);
    await expectExactly(world, storage, {});
  });

  it('of an old version is done when it is found in no store, however late those show it', async () => {
    await put('a', 2010, { content: longContent(30) });
    await world.deliver();
    swallowDeletes(world.stores.first, 1);
    // Longer than one attempt waits.
    world.stores.second.visibilityDelayMs = 60_000;
    await put('a', 2010);
    await world.settle();
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'removal.incomplete', store: 'first' }));
    await expectExactly(world, storage, { a: contentOf('a') });
  });

  it('forgets what is found gone of a very large document, so that no attempt begins anew', async () => {
    await put('a', 2010);
    await world.deliver();
    const ids = Array.from({ length: 2_300 }, (_, n) => `id-${n}`);
    await storage.CATALOG_DB.prepare(
      `INSERT INTO chunks (namespace, document_id, version, n, chunk_id)
       SELECT namespace, document_id, version, key + 1, value FROM documents, json_each(?1)`,
    )
      .bind(JSON.stringify(ids))
      .run();
    const last = 'id-2299';
    const chunk = aChunk({ chunkId: last, namespace: NAMESPACE, documentId: 'a', text: 'The last.' });
    await world.stores.first.upsert(NAMESPACE, [{ chunk, values: Float32Array.of(1, 0) }], soon());
    swallowDeletes(world.stores.first, 1_000, (id) => id === last);
    await deleteBy(OLD);
    await world.deliver();
    expect(world.stores.first.visibleIds()).toEqual([last]);
    const left = await storage.CATALOG_DB.prepare('SELECT count(*) AS n FROM chunks').first();
    expect(left).toEqual({ n: 301 });
    expect(await namespaceNow()).toMatchObject({ chunks: 1, documents: { deleting: 1 } });
  });

  it('is not done while the text or the words are left', async () => {
    await put('a', 2010);
    await world.deliver();
    const { objects, lexicalIndex } = world.services;
    world.services.objects = { ...objects, remove: async () => succeed(undefined) };
    await deleteBy(OLD);
    expect((await world.deliver())[0]).toMatchObject({ kind: 'retry' });
    world.services.objects = objects;
    world.services.lexicalIndex = { ...lexicalIndex, removeVersions: async () => succeed(undefined) };
    await storage.LEXICAL_DB.prepare(
      `INSERT INTO passages (chunk_id, namespace, document_id, version, n, headings, text, start_at, end_at, metadata)
       VALUES ('late', '${NAMESPACE}', 'a', 1, 0, '[]', 'late', 0, 4, '{}')`,
    ).run();
    world.pass(5_000);
    expect((await world.deliver())[0]).toMatchObject({ kind: 'retry' });
    world.services.lexicalIndex = lexicalIndex;
    await world.settle();
    await expectExactly(world, storage, {});
  });
});

describe('deleting by ids', () => {
  it('(peers 2) removes those, and takes unknown and repeated ones for no error', async () => {
    for (const id of ['a', 'b', 'c']) await put(id, 2024);
    await world.deliver();
    const target = { kind: 'ids' as const, ids: ['a', 'none', 'c', 'a'] };
    const deleted = await deleteMany(world.services, NAMESPACE, target);
    expect(deleted).toMatchObject({ ok: true, value: { matched: 2, state: 'complete' } });
    await world.settle();
    await expectExactly(world, storage, { b: contentOf('b') });
  });

  it('reads none but those, however many there are beside them', async () => {
    await fill(5_000);
    const request = {
      deletionId: 'few',
      namespace: NAMESPACE,
      target: { kind: 'ids' as const, ids: ['n00007', 'n04000'] },
    };
    const opened = await world.services.catalog.deletions.open(request, 1, soon());
    if (!opened.ok || opened.value === null) throw new Error('no deletion');
    const { CATALOG_DB } = storage;
    const statements = deletionSteps(opened.value, 1).map(({ sql, parameters }) =>
      CATALOG_DB.prepare(sql).bind(...parameters),
    );
    const results = await CATALOG_DB.batch(statements);
    expect(results.reduce((sum, { meta }) => sum + meta.rows_read, 0)).toBeLessThan(200);
    expect(await namespaceNow()).toMatchObject({ documents: { deleting: 2 } });
  });
});

describe('deleting a namespace', () => {
  it('(peers 1) kills every version at once, with D1 and without it', async () => {
    const { version } = (await put('a', 2010)).status;
    await put('b', 2024);
    await world.deliver();
    const { step } = world.services.catalog.deletions;
    world.services.catalog.deletions.step = () => new Promise(() => {});
    void erase();
    for (let turn = 0; world.published.length < 2 && turn < 1_000; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    world.services.catalog.deletions.step = step;
    expect(await liveIds()).toEqual([]);
    expect(retiredIn(await stateNow())('a', version)).toBe(true);
    expect(await stateNow()).toMatchObject({ purge: 1 });
    expect(await namespaceNow()).toMatchObject({ isDeleted: true, documents: { total: 2, ready: 0, deleting: 2 } });
    world.pass(REQUEUE_AFTER_MS);
    await world.settle();
    expect(await namespaceNow()).toBeNull();
    await expectExactly(world, storage, {});
  });

  it('says nothing is there once nothing is, and can be asked for twice until then', async () => {
    await put('a', 2010);
    await world.deliver();
    expect([await erase(), await erase()]).toEqual([true, true]);
    await world.settle();
    expect(await namespaceNow()).toBeNull();
    expect(await erase()).toBe(false);
    expect(await erase('none')).toBe(false);
    const { exists } = createNamespaces(database(), UNLIMITED);
    expect(await exists(NAMESPACE, soon())).toEqual({ ok: true, value: false });
  });

  it('takes the same document for a new one right after, and keeps it', async () => {
    const first = await put('a', 2010);
    await world.deliver();
    await erase();
    const again = await put('a', 2010);
    expect(again.outcome).toBe('created');
    expect(again.status.version).toBeGreaterThan(first.status.version);
    expect(await namespaceNow()).toMatchObject({ isDeleted: false });
    await world.settle();
    await expectExactly(world, storage, { a: contentOf('a') });
    expect(await liveIds()).toEqual(['a']);
  });

  it('never starts its counters again', async () => {
    await put('a', 2010);
    await world.deliver();
    await erase();
    await world.settle();
    const gone = await stateNow();
    await put('b', 2010);
    await world.settle();
    const revived = await stateNow();
    expect(revived.content).toBeGreaterThan(gone.content);
    expect([revived.purge, revived.erasedUpTo]).toEqual([gone.purge, gone.erasedUpTo]);
  });

  it('does not let a document in ingestion come back', async () => {
    await put('a', 2010);
    const { embed } = world.services.embedder;
    world.services.embedder = {
      ...world.services.embedder,
      async embed(...args) {
        await erase();
        return embed(...args);
      },
    };
    await world.deliver();
    expect(await liveIds()).toEqual([]);
    await world.settle();
    expect(await namespaceNow()).toBeNull();
    await expectExactly(world, storage, {});
  });
});
