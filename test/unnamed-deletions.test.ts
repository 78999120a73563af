import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { createNamespaceStateRecords } from '../src/catalog/namespace-state-records.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { deleteMany } from '../src/ingest/delete-many.ts';
import { retiredIn } from '../src/namespaces/namespace-state.ts';
import { callUpstreamWith, inSeconds } from './read-path-builders.ts';
import { NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

/** Three more than a state names. */
const COUNT = 1_003;
const FIRST_VERSION = 1_000;

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

const ids = Array.from({ length: COUNT }, (_, n) => `n${String(n).padStart(4, '0')}`);

/** Documents in rows, without the work of ingesting each. */
async function fill() {
  const insert = (sql: string) => storage.CATALOG_DB.prepare(sql).bind(NAMESPACE, JSON.stringify(ids));
  await storage.CATALOG_DB.batch([
    storage.CATALOG_DB.prepare(`INSERT INTO namespaces (namespace, created_at_ms) VALUES (?1, 1)`).bind(NAMESPACE),
    insert(`INSERT INTO document_versions (namespace, document_id, version, object_key, identity_hash, content_hash,
              content_type, content_bytes, metadata)
            SELECT ?1, value, ${FIRST_VERSION} + key, 'v1/none/' || value, 'i', 'c', 'text/plain', 10, '{}'
            FROM json_each(?2)`),
    insert(`INSERT INTO documents (namespace, document_id, version, live_version, state, created_at_ms, updated_at_ms)
            SELECT ?1, value, ${FIRST_VERSION} + key, ${FIRST_VERSION} + key, 'ready', 1, 1 FROM json_each(?2)`),
  ]);
}

async function stateNow() {
  const database = createCatalogDatabase({
    db: storage.CATALOG_DB,
    callUpstream: callUpstreamWith(),
    timeoutMs: 10_000,
  });
  const read = await createNamespaceStateRecords(database).read(NAMESPACE, inSeconds(10));
  if (!read.ok || read.value === null) throw new Error('no state');
  return read.value;
}

const deleteAll = () => deleteMany(world.services, NAMESPACE, { kind: 'ids', ids });

async function put(documentId: string) {
  const accepted = await acceptDocument(world.services, {
    ...{ namespace: NAMESPACE, documentId, source: aText('# Again\n\nOther words.'), title: null, url: null },
    metadata: {},
  });
  if (!accepted.ok) throw new Error('not accepted');
  return accepted.value.status.version;
}

describe('more deleted documents than a namespace’s state names', () => {
  it('(peers 1) are all retired by that state, and only what is as old as those it cannot name goes with them', async () => {
    await fill();
    const before = retiredIn(await stateNow());
    await deleteAll();
    const after = retiredIn(await stateNow());
    const counted = (isRetired: typeof before) => ids.filter((id, n) => isRetired(id, FIRST_VERSION + n)).length;
    expect([counted(before), counted(after)]).toEqual([0, COUNT]);
    const versions = [FIRST_VERSION - 1, FIRST_VERSION, FIRST_VERSION + 2, FIRST_VERSION + 3];
    expect(versions.map((version) => after('another', version))).toEqual([false, true, true, false]);
  });

  it('cast doubt on others only until nothing is left of them, also where one was put again', async () => {
    await fill();
    await deleteAll();
    const version = await put('n0001');
    expect((await stateNow()).unnamed).toEqual([FIRST_VERSION, FIRST_VERSION + 2]);
    expect(retiredIn(await stateNow())('n0001', version)).toBe(false);
    await world.settle();
    expect(await stateNow()).toMatchObject({ unnamed: null, content: COUNT + 1 });
  }, 60_000);

  it('are not those that were replaced: their documents answer', async () => {
    await fill();
    await storage.CATALOG_DB.prepare(
      'UPDATE documents SET version = version + 9000, live_version = live_version + 9000',
    ).run();
    const state = await stateNow();
    expect(state.retired).toHaveLength(1_000);
    expect(state).toMatchObject({ horizon: 3, unnamed: null });
  });
});
