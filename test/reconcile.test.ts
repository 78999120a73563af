import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoreTally } from '../src/catalog/reconciliation-record.ts';
import { acceptDocument, type DocumentInput } from '../src/ingest/accept-document.ts';
import { forgetChunks } from '../src/ingest/forget-chunks.ts';
import { scheduleReconciliation, startReconciliation } from '../src/ingest/reconcile/start-reconciliation.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { workOnMessages } from '../src/ingest/work-on-messages.ts';
import { fail } from '../src/result.ts';
import type { StoredChunk } from '../src/retrieval/passage.ts';
import { anUpstreamError } from './read-path-builders.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, FINGERPRINT, type IngestWorld, LEASE_MS } from './support/ingest-world.ts';
import { finishRun, inTime, readRun, reconcileNow, startRun } from './support/reconcile-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const GUIDE = `# Guide\n\n${Array.from({ length: 12 }, (_, n) => `## Part ${n}\n\nWords about part ${n}.`).join('\n\n')}`;
const OTHER = '# Other\n\nA short text.';
const DAY_MS = 86_400_000;
const STORES = ['first', 'second', 'lexical'] as const;

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

async function accept(documentId: string, content: string, parts: Partial<DocumentInput> = {}) {
  const described = {
    title: null,
    url: null,
    metadata: { team: 'docs', year: 2026 },
  };
  const input = { namespace: NAMESPACE, documentId, source: aText(content), ...described, ...parts };
  const accepted = await acceptDocument(world.services, input);
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
  return accepted.value;
}

async function twoDocuments() {
  await accept('guide.md', GUIDE);
  await accept('other.md', OTHER);
  await world.settle();
}

async function ledger(documentId = 'guide.md') {
  const select = 'SELECT chunk_id AS id FROM chunks WHERE document_id = ? ORDER BY n';
  const { results } = await storage.CATALOG_DB.prepare(select).bind(documentId).all<{ id: string }>();
  return results.map(({ id }) => id);
}

type StoreName = (typeof STORES)[number];

async function lose(store: StoreName, ids: string[]) {
  if (store !== 'lexical') return forgetChunks(world.stores[store], NAMESPACE, ids, inTime(world));
  return world.services.lexicalContents.remove(NAMESPACE, ids, inTime(world));
}

async function contentOf(store: StoreName, id: string): Promise<StoredChunk | undefined> {
  if (store !== 'lexical') {
    const records = await world.stores[store].fetch(NAMESPACE, [id], inTime(world));
    return records.ok ? records.value.get(id)?.chunk : undefined;
  }
  const passages = await world.services.lexicalContents.passages(NAMESPACE, [id], inTime(world));
  return passages.ok ? passages.value.get(id) : undefined;
}

async function write(store: StoreName, chunk: StoredChunk) {
  if (store === 'lexical') return world.services.lexicalIndex.put([chunk], inTime(world));
  return world.stores[store].upsert(NAMESPACE, [{ chunk, values: Float32Array.of(1, 0) }], inTime(world));
}

async function damage(store: StoreName, id: string, change: Partial<StoredChunk>) {
  const chunk = await contentOf(store, id);
  if (chunk === undefined) throw new Error('nothing to damage');
  await write(store, { ...chunk, ...change });
  return chunk;
}

const healthy = (checked: number): StoreTally => ({
  checked,
  missing: 0,
  stale: 0,
  orphaned: 0,
  repaired: 0,
  outcome: 'compared',
  code: null,
});

describe('a catalog with which everything agrees', () => {
  it('is compared chunk by chunk and left as it is', async () => {
    await twoDocuments();
    const chunks = (await ledger()).length + (await ledger('other.md')).length;
    const batches = [world.stores.first, world.stores.second].map(({ upsertedBatches }) => upsertedBatches.length);
    const run = await reconcileNow(world);
    expect(run).toMatchObject({ state: 'finished', requestedBy: 'operator' });
    expect(run.tallies).toEqual({
      ...Object.fromEntries(STORES.map((store) => [store, healthy(chunks)])),
      documents: healthy(2),
    });
    expect(world.queue.deliveries).toEqual([]);
    expect([world.stores.first, world.stores.second].map(({ upsertedBatches }) => upsertedBatches.length)).toEqual(
      batches,
    );
    await expectExactly(world, storage, { 'guide.md': GUIDE, 'other.md': OTHER });
  });

  it('is so with nothing in it', async () => {
    expect(await reconcileNow(world)).toMatchObject({ state: 'finished' });
  });

  it('is so also right after updates, deletes and documents put again', async () => {
    await twoDocuments();
    await accept('guide.md', `${GUIDE}\n\nOne more.`);
    await removeDocument(world.services, NAMESPACE, 'other.md');
    await world.settle();
    await accept('other.md', OTHER);
    await world.settle();
    const run = await reconcileNow(world);
    for (const tally of Object.values(run.tallies)) expect(tally).toEqual(healthy(tally.checked));
    await expectExactly(world, storage, { 'guide.md': `${GUIDE}\n\nOne more.`, 'other.md': OTHER });
  });
});

describe.each(STORES)('in the store %s', (store) => {
  beforeEach(twoDocuments);

  it('what is missing is found, and ingestion writes it again', async () => {
    await lose(store, (await ledger()).slice(3, 6));
    const run = await reconcileNow(world);
    expect(run.state).toBe('finished');
    expect(run.tallies[store]).toMatchObject({ missing: 3, stale: 0, orphaned: 0, repaired: 3 });
    for (const other of STORES.filter((one) => one !== store)) expect(run.tallies[other]).toMatchObject({ missing: 0 });
    await world.settle();
    await expectExactly(world, storage, { 'guide.md': GUIDE, 'other.md': OTHER });
    expect((await reconcileNow(world)).tallies[store]).toMatchObject({ missing: 0, repaired: 0 });
  });

  it.each([
    ['text', { text: 'Something else.', end: 15, start: 0 }],
    ['place', { start: 1_000_000 }],
    ['lead', { lead: '\n\n\n\n\n' }],
    ['headings', { headings: ['Elsewhere'] }],
    ['title', { title: 'Another' }],
    ['address', { url: 'https://example.com/' }],
    ['version', { version: 7 }],
    ['position', { n: 9_999 }],
    ['metadata', { metadata: { team: 'docs', year: 2025 } }],
  ])('a chunk with another %s is stale, and is written as it should be', async (what, change) => {
    const [, id = ''] = await ledger();
    const offset = what === 'place' ? { end: 1_000_000 + ((await contentOf(store, id))?.text.length ?? 0) } : {};
    const right = await damage(store, id, { ...change, ...offset });
    const run = await reconcileNow(world);
    expect(run.tallies[store]).toMatchObject({ missing: 0, stale: 1, orphaned: 0, repaired: 1 });
    for (const other of STORES.filter((one) => one !== store)) expect(run.tallies[other]).toMatchObject({ stale: 0 });
    await world.settle();
    expect(await contentOf(store, id)).toEqual(right);
  });

  it('a document that it never got is written to it', async () => {
    await storage.CATALOG_DB.prepare('DELETE FROM document_stores WHERE store = ?').bind(store).run();
    await lose(store, [...(await ledger()), ...(await ledger('other.md'))]);
    const run = await reconcileNow(world);
    const all = (await ledger()).length + (await ledger('other.md')).length;
    expect(run.tallies[store]).toMatchObject({ missing: all, repaired: all });
    await world.settle();
    await expectExactly(world, storage, { 'guide.md': GUIDE, 'other.md': OTHER });
  });

  it('what a late write brings back after a delete is removed, as often as it comes', async () => {
    const [id = ''] = await ledger();
    const chunk = await contentOf(store, id);
    if (chunk === undefined) throw new Error('no chunk');
    await removeDocument(world.services, NAMESPACE, 'guide.md');
    await world.settle();
    for (const round of [1, 2]) {
      await write(store, chunk);
      world.pass(DAY_MS / 2);
      const run = await reconcileNow(world);
      expect([round, run.tallies[store]]).toMatchObject([round, { orphaned: 1, repaired: 1 }]);
      await expectExactly(world, storage, { 'other.md': OTHER });
    }
  });
});

describe('orphans', () => {
  beforeEach(twoDocuments);

  const stray = (parts: Partial<StoredChunk> = {}): StoredChunk => ({
    chunkId: 'a'.repeat(40),
    namespace: NAMESPACE,
    documentId: 'never.md',
    version: 5,
    n: 0,
    title: null,
    url: null,
    headings: [],
    text: 'Stray.',
    start: 0,
    end: 6,
    lead: null,
    metadata: {},
    ...parts,
  });

  it.each(['second', 'lexical'] as const)('in %s, which can list, are removed', async (store) => {
    await write(store, stray());
    const run = await reconcileNow(world);
    expect(run.tallies[store]).toMatchObject({ orphaned: 1, repaired: 1 });
    await expectExactly(world, storage, { 'guide.md': GUIDE, 'other.md': OTHER });
  });

  it('in a store that cannot list are found by the next run when another store had them too', async () => {
    await write('first', stray());
    await write('second', stray());
    expect((await reconcileNow(world)).tallies.first).toMatchObject({ orphaned: 0 });
    world.pass(DAY_MS / 2);
    expect((await reconcileNow(world)).tallies.first).toMatchObject({ orphaned: 1, repaired: 1 });
    await expectExactly(world, storage, { 'guide.md': GUIDE, 'other.md': OTHER });
  });

  it('are none of what somebody else keeps in an index', async () => {
    await write('second', stray({ chunkId: 'a-vector-of-somebody-else' }));
    expect((await reconcileNow(world)).tallies.second).toMatchObject({ orphaned: 0 });
    expect(world.stores.second.visibleIds()).toContain('a-vector-of-somebody-else');
  });

  it('among the originals are removed, texts made from originals are kept with them', async () => {
    const { objects } = await storage.DOCUMENTS.list();
    const kept = `${objects[0]?.key}/text`;
    const orphans = [`v1/${NAMESPACE}/abc/01`, `v1/${NAMESPACE}/abc/01/text`];
    for (const key of [kept, ...orphans]) await storage.DOCUMENTS.put(key, 'Text.');
    const run = await reconcileNow(world);
    expect(run.tallies.documents).toMatchObject({ checked: 2, orphaned: 2, repaired: 2 });
    const left = (await storage.DOCUMENTS.list()).objects.map(({ key }) => key);
    expect(left.sort()).toEqual([...objects.map(({ key }) => key), kept].sort());
  });

  it.each(['neverKnownChunks', 'unknownObjects'] as const)(
    'are none of what is removed between a listing and the look into the catalog (%s)',
    async (look) => {
      await removeDocument(world.services, NAMESPACE, 'guide.md');
      const { catalog } = world.services;
      const truth = catalog.reconciliationTruth;
      const whenRemoved = { ...truth, [look]: lateLook };
      async function lateLook(...args: unknown[]) {
        await world.settle();
        return Reflect.apply(truth[look], truth, args);
      }
      const services = { ...world.services, catalog: { ...catalog, reconciliationTruth: whenRemoved } };
      world.pass(120_000);
      const run = await finishRun(world, await startRun(world), services);
      for (const tally of Object.values(run.tallies)) expect(tally.orphaned).toBe(0);
      await expectExactly(world, storage, { 'other.md': OTHER });
    },
  );

  it('are forgotten when they were gone for a day', async () => {
    await removeDocument(world.services, NAMESPACE, 'guide.md');
    await world.settle();
    const remembered = async () =>
      (await storage.CATALOG_DB.prepare('SELECT count(*) AS n FROM removed_chunks').first<{ n: number }>())?.n;
    await reconcileNow(world);
    expect(await remembered()).toBeGreaterThan(0);
    world.pass(DAY_MS);
    await reconcileNow(world);
    expect(await remembered()).toBe(0);
  });
});

describe('an original that is gone', () => {
  it('is reported, and what was made from it is left alone, whatever else is wrong', async () => {
    await twoDocuments();
    const ids = await ledger();
    await storage.DOCUMENTS.delete((await storage.DOCUMENTS.list()).objects.map(({ key }) => key));
    await lose('first', ids.slice(0, 1));
    const run = await reconcileNow(world);
    expect(run.tallies.documents).toMatchObject({ checked: 2, missing: 2, repaired: 0 });
    expect(run.tallies.first).toMatchObject({ missing: 1, repaired: 0 });
    expect(world.events.filter(({ event }) => event === 'reconcile.source-missing')).toHaveLength(2);
    await world.settle();
    expect(world.stores.second.visibleIds()).toEqual(expect.arrayContaining(ids));
    expect(world.events.filter(({ event }) => event === 'document.failed')).toEqual([]);
  });
});

describe('a difference that is implausibly large', () => {
  const part = (n: number) => `## Part ${n}\n\nWords about part ${n}, and a few more of them.`;
  const LONG = `# Long\n\n${Array.from({ length: 120 }, (_, n) => part(n)).join('\n\n')}`;

  beforeEach(async () => {
    await accept('long.md', LONG);
    await world.settle();
  });

  it('stops the run for that store, repairs nothing there and everything elsewhere', async () => {
    const ids = await ledger('long.md');
    expect(ids.length).toBeGreaterThan(110);
    await lose('first', ids);
    await lose('lexical', ids.slice(0, 2));
    const run = await reconcileNow(world);
    expect(run.state).toBe('stopped');
    expect(run.tallies.first).toMatchObject({ missing: ids.length, repaired: 0, outcome: 'stopped' });
    expect(run.tallies.lexical).toMatchObject({ missing: 2, repaired: 2, outcome: 'compared' });
    expect(world.events).toContainEqual(
      expect.objectContaining({ event: 'reconcile.stopped', severity: 'error', store: 'first', missing: ids.length }),
    );
    await world.settle();
    expect(world.stores.first.visibleIds()).toEqual([]);
  });

  it('is repaired when an operator says so', async () => {
    await lose('first', await ledger('long.md'));
    expect(await reconcileNow(world, { isForced: true })).toMatchObject({ state: 'finished' });
    await world.settle();
    await expectExactly(world, storage, { 'long.md': LONG });
  });

  it('is none in a namespace of few chunks', async () => {
    await lose('first', (await ledger('long.md')).slice(0, 90));
    expect(await reconcileNow(world)).toMatchObject({ state: 'finished', tallies: { first: { repaired: 90 } } });
  });
});

describe('a run', () => {
  beforeEach(twoDocuments);

  it('goes on without a store that keeps failing, and says why', async () => {
    await lose('second', (await ledger()).slice(0, 1));
    world.stores.first.failWith = 'transient';
    const run = await reconcileNow(world);
    expect(run).toMatchObject({
      state: 'finished',
      tallies: { first: { outcome: 'unavailable', code: 'TOLD', repaired: 0 }, second: { missing: 1, repaired: 1 } },
    });
  });

  it('compares one namespace only, if asked to', async () => {
    await accept('away.md', OTHER, { namespace: 'docs-2' });
    await world.settle();
    const run = await reconcileNow(world, { namespace: NAMESPACE });
    expect(run.tallies.first?.checked).toBe((await ledger()).length + (await ledger('other.md')).length);
    expect(run.tallies.documents?.checked).toBe(2);
  });

  it('compares many small namespaces, a few at a time', async () => {
    for (let n = 0; n < 23; n += 1) await accept('short.md', OTHER, { namespace: `tenant-${n}` });
    await world.settle();
    const run = await reconcileNow(world);
    const all = (await ledger()).length + (await ledger('other.md')).length + (await ledger('short.md')).length;
    expect(run.tallies.lexical).toEqual(healthy(all));
    expect(run.tallies.documents).toEqual(healthy(25));
  });

  it('leaves documents alone that were made with another model', async () => {
    world.deployWith('another/2/mean/chunker-1');
    const run = await reconcileNow(world);
    expect(run.tallies.first).toEqual(healthy(0));
  });

  it('looks at a bounded number of chunks at a time, and finds what lies behind those it leaves alone', async () => {
    const madeOtherwise = Array.from({ length: 2_500 }, (_, n) => n);
    const insert = (sql: string) => storage.CATALOG_DB.prepare(sql).bind(NAMESPACE, JSON.stringify(madeOtherwise));
    await storage.CATALOG_DB.batch([
      insert(`INSERT INTO document_versions (namespace, document_id, version, object_key, identity_hash, content_hash,
                content_type, content_bytes, metadata, fingerprint)
              VALUES (?1, 'a.md', 1000, 'v1/none/a.md', 'i', 'c', 'text/plain', json_valid(?2), '{}', 'another')`),
      insert(`INSERT INTO documents (namespace, document_id, version, live_version, state, created_at_ms, updated_at_ms)
              VALUES (?1, 'a.md', 1000, 1000, 'ready', json_valid(?2), 1)`),
      insert(`INSERT INTO chunks (namespace, document_id, version, n, chunk_id)
              SELECT ?1, 'a.md', 1000, value, 'chunk-' || value FROM json_each(?2)`),
    ]);
    const nowMs = world.services.clock.nowMs();
    const page = await world.services.catalog.reconciliationTruth.ledger(
      { namespace: '', documentId: '', version: 0, n: -1 },
      { namespace: null, fingerprint: FINGERPRINT, settledAtMs: nowMs, limit: 100 },
      inTime(world),
    );
    const next = { namespace: NAMESPACE, documentId: 'a.md', version: 1_000, n: 999 };
    expect(page).toEqual({ ok: true, value: { chunks: [], next } });
    await lose('first', (await ledger()).slice(0, 1));
    const run = await reconcileNow(world);
    expect(run.tallies.first).toMatchObject({ missing: 1, repaired: 1 });
    expect(run.tallies.second).toEqual(healthy((await ledger()).length + (await ledger('other.md')).length));
  });

  it('is the only one', async () => {
    const id = await startRun(world);
    const second = await startReconciliation(world.services, { namespace: null, isForced: false }, inTime(world));
    expect(second).toEqual({ ok: true, value: { kind: 'running', id } });
  });

  it('is given up when it never comes to anything', async () => {
    const { catalog } = world.services;
    const ledgerDown = {
      ...catalog.reconciliationTruth,
      ledger: async () => fail(anUpstreamError({ dependency: 'catalog' })),
    };
    const services = { ...world.services, catalog: { ...catalog, reconciliationTruth: ledgerDown } };
    const id = await startRun(world);
    expect(await finishRun(world, id, services)).toMatchObject({ state: 'failed' });
    expect(await startRun(world)).not.toBe(id);
  });

  it('does not take the documents of its batch along when it meets a bug', async () => {
    await accept('new.md', OTHER);
    const id = await startRun(world);
    const { catalog } = world.services;
    const broken = { ...catalog.reconciliationSteps, claim: () => Promise.reject(new Error('a bug')) };
    const services = { ...world.services, catalog: { ...catalog, reconciliationSteps: broken } };
    const messages = world.queue.deliveries.map(({ message }) => message);
    const outcomes = await workOnMessages(services, [{ v: 1, kind: 'reconcile', runId: id }, ...messages]);
    expect(outcomes).toMatchObject([{ kind: 'retry' }, { kind: 'ack' }]);
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'bug', where: 'reconcile' }));
  });

  it('does nothing twice when its message comes twice', async () => {
    world.pass(120_000);
    const id = await startRun(world);
    world.queue.runs.push(...world.queue.runs);
    await Promise.all([world.deliverRun(), world.deliverRun()]);
    const run = await finishRun(world, id);
    expect(run.tallies.first).toEqual(healthy((await ledger()).length + (await ledger('other.md')).length));
  });
});

describe('the schedule', () => {
  it('begins one a day, the first a day after the first document', async () => {
    const schedule = async () => {
      await scheduleReconciliation(world.services);
      const [message] = world.queue.runs.splice(0);
      if (message === undefined) return false;
      world.queue.runs.push(message);
      await finishRun(world, message.message.runId);
      return true;
    };
    expect(await schedule()).toBe(false);
    await twoDocuments();
    expect(await schedule()).toBe(false);
    world.pass(DAY_MS);
    expect(await schedule()).toBe(true);
    expect(await schedule()).toBe(false);
    world.pass(DAY_MS - 60_000);
    expect(await schedule()).toBe(false);
    world.pass(60_000);
    expect(await schedule()).toBe(true);
  });

  it('sends again what the queue has lost', async () => {
    await twoDocuments();
    const id = await startRun(world);
    world.queue.runs = [];
    await scheduleReconciliation(world.services);
    expect(world.queue.runs).toEqual([]);
    world.pass(LEASE_MS * 2);
    await scheduleReconciliation(world.services);
    await scheduleReconciliation(world.services);
    expect(world.queue.runs).toHaveLength(1);
    await finishRun(world, id);
    expect((await readRun(world, id)).state).toBe('finished');
  });
});
