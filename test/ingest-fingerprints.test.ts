import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { statusOf } from '../src/catalog/document-record.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, FINGERPRINT, type IngestWorld, MAX_ATTEMPTS } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const OTHER = 'other/2/cls/chunker-1';
const TEXT = '# Guide\n\nOne short text.';
const CHANGED = '# Guide\n\nAnother short text.';

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

async function accept(documentId: string, content = TEXT) {
  const described = { title: null, url: null, metadata: {} };
  const input = { namespace: NAMESPACE, documentId, source: aText(content), ...described };
  const accepted = await acceptDocument(world.services, input);
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
  return accepted.value.outcome;
}

async function read(documentId: string) {
  const deadline = deadlineIn(world.services.clock, 10_000);
  const found = await world.services.catalog.documents.find(NAMESPACE, documentId, deadline);
  if (!found.ok || found.value === null) throw new Error(`${documentId} cannot be read`);
  return { ...found.value, stores: statusOf(found.value, ['first', 'second']).stores };
}

async function record(store: string, fingerprint: string) {
  const sql = 'INSERT OR REPLACE INTO vector_stores (store, fingerprint, recorded_at_ms) VALUES (?, ?, 0)';
  await storage.CATALOG_DB.prepare(sql).bind(store, fingerprint).run();
}

async function recorded() {
  const sql = 'SELECT store, fingerprint FROM vector_stores ORDER BY store';
  const { results } = await storage.CATALOG_DB.prepare(sql).all<{ store: string; fingerprint: string }>();
  return Object.fromEntries(results.map(({ store, fingerprint }) => [store, fingerprint]));
}

async function expectWaiting(documentId: string) {
  const waiting = await read(documentId);
  expect(waiting).toMatchObject({ state: 'queued', errorCode: 'FINGERPRINT_MISMATCH' });
  expect(waiting.nextRetryAtMs).not.toBeNull();
}

async function retry() {
  world.pass(15 * 60_000);
  const { requeued } = await sweep(world.services);
  await world.deliver();
  return requeued;
}

it('gives stores that nobody has written yet the fingerprint of their first writer, whoever comes first', async () => {
  for (const documentId of ['a.md', 'b.md']) await accept(documentId);
  const deadline = deadlineIn(world.services.clock, 10_000);
  const fingerprints = [FINGERPRINT, OTHER].map((own) => {
    world.deployWith(own);
    return world.services.storeFingerprints;
  });
  const answers = await Promise.all(fingerprints.map((each) => each.foreignAmong(['first', 'second'], deadline)));
  const foreign = answers.map((answer) => (answer.ok ? answer.value.size : null));
  expect(foreign.toSorted()).toEqual([0, 2]);
  expect(new Set(Object.values(await recorded())).size).toBe(1);
});

it('asks about a store until it is found to match, and then never again', async () => {
  let questions = 0;
  const { storeFingerprints } = world.services;
  const { CATALOG_DB } = storage;
  await record('first', OTHER);
  const ask = async () => {
    await CATALOG_DB.prepare("DELETE FROM vector_stores WHERE store = 'second'").run();
    const deadline = deadlineIn(world.services.clock, 10_000);
    const answer = await storeFingerprints.foreignAmong(['first', 'second'], deadline);
    questions += 1;
    return answer.ok ? [...answer.value] : null;
  };
  expect(await ask()).toEqual([['first', OTHER]]);
  expect(await ask()).toEqual([['first', OTHER]]);
  await record('first', FINGERPRINT);
  expect(await ask()).toEqual([]);
  expect(await ask()).toEqual([]);
  expect([questions, await recorded()]).toEqual([4, { first: FINGERPRINT }]);
});

it('does not write into a store of another model; the document is served by the others, and becomes current', async () => {
  await record('first', OTHER);
  await accept('a.md');
  await world.deliver();
  expect(await read('a.md')).toMatchObject({ state: 'ready', stores: { first: 'behind', second: 'current' } });
  const texts = world.embedder.calls.length;
  expect(await retry()).toBe(1);
  // Nothing is embedded for a store that takes nothing.
  expect(world.embedder.calls).toHaveLength(texts);
  expect(world.stores.first.upsertedBatches).toEqual([]);
  await record('first', FINGERPRINT);
  await world.settle();
  await expectExactly(world, storage, { 'a.md': TEXT });
});

it('keeps a document waiting when every store is of another model, however long, and costs nothing', async () => {
  for (const store of ['first', 'second']) await record(store, OTHER);
  await accept('a.md');
  await world.deliver();
  for (let attempt = 0; attempt < 2 * MAX_ATTEMPTS; attempt += 1) {
    await expectWaiting('a.md');
    expect(await retry()).toBe(1);
  }
  const { errorMessage } = await read('a.md');
  for (const part of ['first', OTHER, FINGERPRINT, 'VECTOR_STORES']) expect(errorMessage).toContain(part);
  expect(world.embedder.calls).toEqual([]);
  for (const store of ['first', 'second']) await record(store, FINGERPRINT);
  world.pass(15 * 60_000);
  await world.settle();
  await expectExactly(world, storage, { 'a.md': TEXT });
});

it('says why a document waits when the catalog cannot tell what the stores are', async () => {
  const error = {
    dependency: 'catalog',
    operation: 'store-fingerprints',
    class: 'transient',
    code: 'TIMEOUT',
  } as const;
  const { storeFingerprints } = world.services;
  const foreignAmong = async () => ({ ok: false, error: { ...error, message: 'late', retryAfterMs: null } }) as const;
  world.services.storeFingerprints = { ...storeFingerprints, foreignAmong };
  await accept('a.md');
  expect(await world.deliver()).toEqual([{ kind: 'retry', delaySeconds: 2 }]);
  expect(world.stores.second.upsertedBatches).toEqual([]);
  world.services.storeFingerprints = storeFingerprints;
  await world.settle();
  await expectExactly(world, storage, { 'a.md': TEXT });
});

it('ingests the same document again after the model or the chunker has changed, and only then', async () => {
  await accept('a.md');
  await world.settle();
  expect(await accept('a.md')).toBe('unchanged');
  world.deployWith('test/2/mean/chunker-3');
  expect(await accept('a.md')).toBe('updated');
  await world.deliver();
  await expectWaiting('a.md');
  // As after new indexes were named: nobody has written there.
  await storage.CATALOG_DB.prepare('DELETE FROM vector_stores').run();
  await world.settle();
  await expectExactly(world, storage, { 'a.md': TEXT });
  expect(await accept('a.md')).toBe('unchanged');
});

it('takes a document that nobody has cut yet as it is, whichever deployment accepted it', async () => {
  await accept('a.md');
  world.deployWith(OTHER);
  expect(await accept('a.md')).toBe('unchanged');
  await world.settle();
  await expectExactly(world, storage, { 'a.md': TEXT });
  expect(await recorded()).toEqual({ first: OTHER, second: OTHER });
  world.services.settings.fingerprint = FINGERPRINT;
  expect(await accept('a.md')).toBe('updated');
});

it('never puts passages of two models into one version: what a store lacks waits until it is put again', async () => {
  world.stores.first.failWith = 'transient';
  await accept('a.md');
  await world.deliver();
  world.stores.first.failWith = null;
  await storage.CATALOG_DB.prepare('DELETE FROM vector_stores').run();
  world.deployWith(OTHER);
  expect(await retry()).toBe(1);
  expect(await read('a.md')).toMatchObject({ state: 'ready', stores: { first: 'behind', second: 'current' } });
  expect(world.stores.first.upsertedBatches).toEqual([]);
  expect(await accept('a.md', CHANGED)).toBe('updated');
  await world.settle();
  await expectExactly(world, storage, { 'a.md': CHANGED });
});

it('deletes from stores of another model, too', async () => {
  await accept('a.md');
  await world.settle();
  world.deployWith(OTHER);
  await removeDocument(world.services, NAMESPACE, 'a.md');
  await world.settle();
  await expectExactly(world, storage, {});
});
