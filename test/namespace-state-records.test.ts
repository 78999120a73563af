import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { createNamespaceStateRecords } from '../src/catalog/namespace-state-records.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { callUpstreamWith, inSeconds } from './read-path-builders.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

let storage: Storage;
let close: () => Promise<void>;
let world: IngestWorld;

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
beforeEach(async () => {
  await emptyStorage(storage);
  world = createIngestWorld(storage);
});
afterAll(() => close());

const records = () =>
  createNamespaceStateRecords(
    createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream: callUpstreamWith(), timeoutMs: 10_000 }),
  );

async function state(namespace = 'docs') {
  const read = await records().read(namespace, inSeconds(10));
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

async function put(documentId: string, content: string, namespace = 'docs'): Promise<number> {
  const described = { title: null, url: null, metadata: {} };
  const accepted = await acceptDocument(world.services, {
    namespace,
    documentId,
    source: aText(content, 'text/plain'),
    ...described,
  });
  if (!accepted.ok) throw new Error('not accepted');
  await world.settle();
  return accepted.value.status.version;
}

describe('the recorded state of a namespace', () => {
  it('is none before its first document, and the same while nothing becomes searchable', async () => {
    expect(await state()).toBeNull();
    world.embedder.failWith = 'transient';
    const described = { title: null, url: null, metadata: {} };
    await acceptDocument(world.services, { namespace: 'docs', documentId: 'a', source: aText('One.'), ...described });
    await world.deliver();
    expect(await state()).toEqual({ content: 0, purge: 0, horizon: 0, erasedUpTo: 0, unnamed: null, retired: [] });
  });

  it('moves with each document that becomes searchable, is replaced or deleted, and names what was retired', async () => {
    const first = await put('a', 'One.');
    await put('b', 'Two.');
    expect(await state()).toEqual({ content: 2, purge: 0, horizon: 0, erasedUpTo: 0, unnamed: null, retired: [] });
    const second = await put('a', 'One and a half.');
    expect(await state()).toEqual({
      content: 3,
      purge: 0,
      horizon: 0,
      erasedUpTo: 0,
      unnamed: null,
      retired: [['a', first]],
    });
    await removeDocument(world.services, 'docs', 'a');
    const deleted = {
      content: 4,
      purge: 0,
      horizon: 0,
      erasedUpTo: 0,
      unnamed: null,
      retired: [
        ['a', first],
        ['a', second],
      ],
    };
    expect(await state()).toEqual(deleted);
    await world.settle();
    expect(await state()).toEqual(deleted);
  });

  it('is not moved by another namespace', async () => {
    await put('a', 'One.');
    await put('a', 'One.', 'other');
    await removeDocument(world.services, 'other', 'a');
    expect(await state()).toMatchObject({ content: 1, retired: [] });
  });

  it('is purged by an operator', async () => {
    await put('a', 'One.');
    expect(await records().purge('docs', inSeconds(10))).toMatchObject({ ok: true, value: { purge: 1, content: 1 } });
    expect(await records().purge('none', inSeconds(10))).toEqual({ ok: true, value: null });
    expect(await state()).toMatchObject({ purge: 1 });
  });

  it('forgets the oldest of more than 1,000 retired versions, and says up to where', async () => {
    await put('a', 'One.');
    const move = 'UPDATE documents SET live_version = live_version + 1 WHERE namespace = ? AND document_id = ?';
    const moves = Array.from({ length: 1_003 }, () => storage.CATALOG_DB.prepare(move).bind('docs', 'a'));
    await storage.CATALOG_DB.batch(moves);
    const known = await state();
    expect(known).toMatchObject({ content: 1_004, horizon: 4 });
    expect(known?.retired).toHaveLength(1_000);
  });
});
