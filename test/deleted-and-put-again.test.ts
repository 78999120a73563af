import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { statusOf } from '../src/catalog/document-record.ts';
import { createNamespaces } from '../src/catalog/namespaces.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { changeDocument } from '../src/ingest/change-document.ts';
import { deleteMany, deleteNamespace } from '../src/ingest/delete-many.ts';
import type { DocumentSource } from '../src/ingest/document-source.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { retryDocument } from '../src/ingest/retry-documents.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { fail, succeed } from '../src/result.ts';
import { anUpstreamError, callUpstreamWith, inSeconds } from './read-path-builders.ts';
import { mortal } from './support/crash-after.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, LEASE_MS, MAX_ATTEMPTS, UNLIMITED } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const SECRET = `# Secret\n\n${Array.from({ length: 7 }, (_, n) => `## Part ${n}\n\nThe secret ${n}.`).join('\n\n')}`;
const OTHER = '# Other\n\nOther words.';
const EMPTY_PAGE = '<main><hr></main>';
const NO_WORDS = aText(EMPTY_PAGE, 'text/html');
const MOST_CALLS = 100;
// Every third call in the short form.
const STRIDE = process.env.VIGIL_TEST_FULL === '1' ? 1 : 3;
const MIGRATION = join(import.meta.dirname, '../migrations/catalog/0011_remains_of_failed.sql');

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

async function put(source: DocumentSource, documentId = 'a') {
  const described = { title: null, url: null, metadata: {} };
  const accepted = await acceptDocument(world.services, { namespace: NAMESPACE, documentId, source, ...described });
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
}

async function putReady() {
  await put(aText(SECRET));
  await world.settle();
}

const remove = () => removeDocument(world.services, NAMESPACE, 'a');

async function statusNow() {
  const found = await world.services.catalog.documents.find(NAMESPACE, 'a', inSeconds(10));
  if (!found.ok || found.value === null) throw new Error('it is not there');
  return statusOf(found.value, world.services.settings.storeNames);
}

async function usageNow() {
  const database = createCatalogDatabase({
    db: storage.CATALOG_DB,
    callUpstream: callUpstreamWith(),
    timeoutMs: 10_000,
  });
  const found = await createNamespaces(database, UNLIMITED).find(NAMESPACE, inSeconds(10));
  if (!found.ok || found.value === null) throw new Error('no such namespace');
  const { documents, chunks, bytes } = found.value;
  return { documents: documents.total, chunks, bytes };
}

/** Of the version that has failed its original is there, and of all others nothing. */
async function expectOnlyNoWords() {
  const count = async (db: D1Database, table: string) =>
    (await db.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())?.n;
  const { CATALOG_DB, LEXICAL_DB, DOCUMENTS } = storage;
  const versions = await CATALOG_DB.prepare('SELECT object_key AS key FROM document_versions').all<{ key: string }>();
  expect({
    versions: versions.results.length,
    chunks: await count(CATALOG_DB, 'chunks'),
    holdings: await count(CATALOG_DB, 'document_stores'),
    passages: await count(LEXICAL_DB, 'passages'),
    first: world.stores.first.visibleIds(),
    second: world.stores.second.visibleIds(),
    objects: (await DOCUMENTS.list()).objects.map(({ key }) => key),
  }).toEqual({
    ...{ versions: 1, chunks: 0, holdings: 0, passages: 0, first: [], second: [] },
    objects: versions.results.map(({ key }) => key),
  });
  const row = await CATALOG_DB.prepare('SELECT state, lease_token, next_retry_at_ms FROM documents').first();
  expect(row).toEqual({ state: 'failed', lease_token: null, next_retry_at_ms: null });
  expect(await usageNow()).toEqual({ documents: 1, chunks: 0, bytes: EMPTY_PAGE.length });
}

/** The version put again has failed, and nobody has removed the one before yet. */
async function failedOverRemains() {
  await putReady();
  await remove();
  await put(NO_WORDS);
  await world.deliver();
  expect(await statusNow()).toMatchObject({ state: { state: 'failed' }, liveVersion: null });
  world.queue.deliveries = [];
}

describe('a deleted document whose place a version takes that fails for good', () => {
  it('(peers 1) is gone everywhere, and counts no more', async () => {
    await failedOverRemains();
    await world.settle();
    await expectOnlyNoWords();
  });

  it('(peers 1) is gone everywhere when its whole namespace was deleted', async () => {
    await putReady();
    await deleteNamespace(world.services, NAMESPACE);
    await put(NO_WORDS);
    await world.settle();
    await expectOnlyNoWords();
  });

  it('is gone everywhere when the deletion comes to it only after the failure', async () => {
    await putReady();
    const { step } = world.services.catalog.deletions;
    world.services.catalog.deletions.step = async () => fail(anUpstreamError({ dependency: 'catalog' }));
    await deleteMany(world.services, NAMESPACE, { kind: 'ids', ids: ['a'] });
    await put(NO_WORDS);
    await world.deliver();
    expect((await statusNow()).liveVersion).not.toBeNull();
    world.services.catalog.deletions.step = step;
    await world.settle();
    await expectOnlyNoWords();
  });

  it('is gone everywhere when every attempt at the new one is cut off', async () => {
    await putReady();
    await remove();
    await put(aText(OTHER));
    const { embedder } = world.services;
    const dying = { ...embedder, embed: () => Promise.reject(new Error('cut off')) };
    for (let attempt = 0; attempt <= MAX_ATTEMPTS; attempt += 1) {
      await Promise.allSettled([world.deliver({ ...world.services, embedder: dying })]);
      world.pass(LEASE_MS);
      await sweep(world.services);
    }
    expect((await statusNow()).state).toMatchObject({ state: 'failed' });
    world.queue.deliveries = [];
    await world.settle();
    const { results } = await storage.CATALOG_DB.prepare('SELECT version FROM document_versions').all();
    expect(results).toEqual([{ version: (await statusNow()).version }]);
    expect((await storage.DOCUMENTS.list()).objects).toHaveLength(1);
  });

  it('(peers 1) is gone everywhere while the new one is tried again and again', async () => {
    await putReady();
    await remove();
    await put(aText(OTHER));
    const failure = { ...anUpstreamError({ dependency: 'workers-ai' }), cache: 'miss' as const };
    const down = { ...world.services.embedder, embed: async () => fail(failure) };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await world.deliver({ ...world.services, embedder: down });
      world.pass(LEASE_MS);
    }
    const { version, state } = await statusNow();
    expect(state).toEqual({ state: 'queued' });
    const { results } = await storage.CATALOG_DB.prepare('SELECT version FROM document_versions').all();
    expect(results).toEqual([{ version }]);
    expect([world.stores.first.visibleIds(), world.stores.second.visibleIds()]).toEqual([[], []]);
    expect((await storage.DOCUMENTS.list()).objects).toHaveLength(1);
    await world.settle();
    await expectExactly(world, storage, { a: OTHER });
  });

  it('is gone everywhere when that had happened before the catalog knew what to do about it', async () => {
    await failedOverRemains();
    await storage.CATALOG_DB.prepare('UPDATE documents SET next_retry_at_ms = NULL, enqueued_at_ms = 1').run();
    await world.settle();
    expect(world.stores.first.visibleIds()).not.toEqual([]);
    const repair = readFileSync(MIGRATION, 'utf8').split('\n\n').at(-1) ?? '';
    await storage.CATALOG_DB.prepare(repair).run();
    await world.settle();
    await expectOnlyNoWords();
  });

  it('is not done with while a store has any of it, or cannot be asked, and says nothing of that', async () => {
    await failedOverRemains();
    const { first } = world.stores;
    const { delete: deleteFrom } = first;
    first.delete = async () => succeed('0');
    const before = await statusNow();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await sweep(world.services);
      await world.deliver();
      world.pass(LEASE_MS);
    }
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'removal.incomplete', store: 'first' }));
    expect(await statusNow()).toEqual({ ...before, updatedAtMs: expect.any(Number) });
    first.delete = async () => fail(anUpstreamError({ dependency: 'first' }));
    await sweep(world.services);
    await world.deliver();
    expect(await statusNow()).toEqual({ ...before, updatedAtMs: expect.any(Number) });
    first.delete = deleteFrom;
    world.queue.deliveries = [];
    await world.settle();
    await expectOnlyNoWords();
    expect(await statusNow()).toEqual({ ...before, updatedAtMs: expect.any(Number) });
  });

  it('is gone everywhere wherever the Worker that removes it dies, and whatever the queue forgets', async () => {
    let calls = 0;
    for (let call = 1; call <= MOST_CALLS; call += STRIDE) {
      await emptyStorage(storage);
      world = createIngestWorld(storage);
      await failedOverRemains();
      const { attempts } = (await statusNow()).lastFailure ?? {};
      await sweep(world.services);
      const { deliveries } = world.queue;
      const { services, death } = mortal(world.services, { call, moment: call % 2 === 0 ? 'before' : 'after' });
      await Promise.allSettled([world.deliver(services)]);
      await death.settled();
      if (!death.hasCome()) break;
      calls = call;
      world.queue.deliveries = call % 4 < 2 ? deliveries : [];
      await world.settle();
      await expectOnlyNoWords();
      expect((await statusNow()).lastFailure?.attempts).toBe(attempts);
    }
    expect(calls).toBeGreaterThan(10);
    expect(calls).toBeLessThan(MOST_CALLS);
  }, 240_000);

  const interferences: { name: string; act: () => Promise<unknown>; after: Record<string, string> }[] = [
    { name: 'put again', act: () => put(aText(OTHER)), after: { a: OTHER } },
    { name: 'deleted', act: remove, after: {} },
  ];
  it.each(interferences)(
    'is gone everywhere although it is $name at any moment of the removal',
    async ({ act, after }) => {
      let calls = 0;
      for (let call = 1; call <= MOST_CALLS; call += STRIDE) {
        await emptyStorage(storage);
        world = createIngestWorld(storage);
        await failedOverRemains();
        await sweep(world.services);
        const { services, hasCome } = interrupted(world.services, call, act);
        await world.deliver(services);
        if (!hasCome()) break;
        calls = call;
        await world.settle();
        await expectExactly(world, storage, after);
      }
      expect(calls).toBeGreaterThan(10);
    },
    240_000,
  );

  it('leaves a retry what it needs, also while it is being removed', async () => {
    await putReady();
    await remove();
    world.embedder.refuses = (text) => text.includes('Other');
    await put(aText(OTHER));
    await world.deliver();
    world.queue.deliveries = [];
    world.embedder.refuses = () => false;
    await sweep(world.services);
    const { services, hasCome } = interrupted(world.services, 3, () => retryDocument(world.services, NAMESPACE, 'a'));
    await world.deliver(services);
    expect(hasCome()).toBe(true);
    expect((await statusNow()).state).toEqual({ state: 'queued' });
    await world.settle();
    await expectExactly(world, storage, { a: OTHER });
  });

  it('leaves the text that the new version shares with it', async () => {
    await putReady();
    await remove();
    world.embedder.refuses = () => true;
    await put(aText(OTHER));
    await world.deliver();
    const changed = await changeDocument(world.services, { namespace: NAMESPACE, documentId: 'a' }, { title: 'Named' });
    expect(changed.ok).toBe(true);
    await world.settle();
    expect((await statusNow()).state).toMatchObject({ state: 'failed' });
    const { results } = await storage.CATALOG_DB.prepare('SELECT object_key AS key FROM document_versions').all();
    expect(results).toEqual([{ key: expect.any(String) }]);
    expect((await storage.DOCUMENTS.list()).objects.map(({ key }) => ({ key }))).toEqual(results);
  });
});

it('a live version stays as it is when the one after it fails', async () => {
  await putReady();
  const { version } = await statusNow();
  await put(NO_WORDS);
  await world.settle();
  expect(await statusNow()).toMatchObject({ state: { state: 'failed' }, liveVersion: version });
  expect(world.stores.first.visibleIds()).not.toEqual([]);
  expect((await storage.DOCUMENTS.list()).objects).toHaveLength(2);
});

it('(peers 1) what was deleted is gone everywhere when a version fails over the one that was put after it', async () => {
  await putReady();
  await remove();
  const { first } = world.stores;
  const { delete: deleteFrom } = first;
  first.delete = async () => fail(anUpstreamError({ dependency: 'first' }));
  await put(aText(OTHER));
  await world.deliver();
  const { version } = await statusNow();
  await put(NO_WORDS);
  await world.deliver();
  first.delete = deleteFrom;
  world.queue.deliveries = [];
  expect(await statusNow()).toMatchObject({ state: { state: 'failed' }, liveVersion: version });
  expect(first.visibleIds().length).toBeGreaterThan(1);
  await world.settle();
  const { results } = await storage.CATALOG_DB.prepare('SELECT version FROM document_versions ORDER BY version').all();
  expect(results).toEqual([{ version }, { version: (await statusNow()).version }]);
  expect([first.visibleIds(), world.stores.second.visibleIds()]).toEqual([[expect.any(String)], [expect.any(String)]]);
  expect((await storage.DOCUMENTS.list()).objects).toHaveLength(2);
  expect(await statusNow()).toMatchObject({ state: { state: 'failed' }, liveVersion: version });
  const row = await storage.CATALOG_DB.prepare('SELECT next_retry_at_ms AS due FROM documents').first();
  expect(row).toEqual({ due: null });
});

/** The same services; something else happens right before their nth call. */
function interrupted(services: IngestWorld['services'], call: number, act: () => Promise<unknown>) {
  let calls = 0;
  let acted = false;
  const interrupting = <O extends object>(target: O): O =>
    new Proxy(target, {
      get(object, name) {
        const value: unknown = Reflect.get(object, name);
        if (typeof value !== 'function') {
          return typeof value === 'object' && value !== null && !Array.isArray(value) ? interrupting(value) : value;
        }
        return async (...args: unknown[]) => {
          calls += 1;
          if (calls === call) {
            acted = true;
            await act();
          }
          return value.apply(object, args);
        };
      },
    });
  const { catalog, objects, lexicalIndex } = services;
  return {
    services: {
      ...services,
      catalog: interrupting(catalog),
      objects: interrupting(objects),
      lexicalIndex: interrupting(lexicalIndex),
      stores: services.stores.map((store) => interrupting(store)),
    },
    hasCome: () => acted,
  };
}
