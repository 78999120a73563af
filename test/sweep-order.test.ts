import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { deleteNamespace } from '../src/ingest/delete-many.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { createIngestWorld, type IngestWorld, REQUEUE_AFTER_MS } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const SWEEP_LIMIT = 10;
const MINUTE_MS = 60_000;

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
  world.services.settings.sweepLimit = SWEEP_LIMIT;
});

const idsOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${name}-${String(n).padStart(2, '0')}`);

async function put(documentId: string, namespace = 'small') {
  const accepted = await acceptDocument(world.services, {
    ...{ namespace, documentId, source: aText(`Words of ${documentId}.`) },
    ...{ title: null, url: null, metadata: {} },
  });
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
}

/** What the queue refuses is left to the sweep. */
async function unsent(work: () => Promise<unknown>) {
  world.queue.refuses = true;
  await work();
  world.queue.refuses = false;
  world.queue.deliveries = [];
  world.pass(1_000);
}

/** The documents one sweep sends, by name, as nobody works on them. */
async function swept() {
  world.queue.deliveries = [];
  await sweep(world.services);
  return world.queue.deliveries.flatMap(({ message }) => ('documentId' in message ? [message.documentId] : []));
}

/** A namespace whose documents, in rows only, are all being deleted. */
async function deletedNamespace(count: number) {
  const fill = (sql: string) => storage.CATALOG_DB.prepare(sql).bind('big', JSON.stringify(idsOf('big', count)));
  await storage.CATALOG_DB.batch([
    storage.CATALOG_DB.prepare("INSERT INTO namespaces (namespace, created_at_ms) VALUES ('big', 1)"),
    fill(`INSERT INTO document_versions (namespace, document_id, version, object_key, identity_hash, content_hash,
            content_type, content_bytes, metadata)
          SELECT ?1, value, 1000 + key, 'v1/none/' || value, 'i', 'c', 'text/plain', 10, '{}' FROM json_each(?2)`),
    fill(`INSERT INTO documents (namespace, document_id, version, live_version, state, created_at_ms, updated_at_ms)
          SELECT ?1, value, 1000 + key, 1000 + key, 'ready', 1, 1 FROM json_each(?2)`),
  ]);
  await unsent(async () => {
    await deleteNamespace(world.services, 'big');
    await sweep(world.services);
    await world.deliver();
  });
  const { results } = await storage.CATALOG_DB.prepare("SELECT 1 FROM documents WHERE state = 'deleting'").all();
  expect(results).toHaveLength(count);
}

describe('a sweep that cannot send everything', () => {
  it('sends what others have put although a large namespace is being deleted', async () => {
    await deletedNamespace(4 * SWEEP_LIMIT);
    await unsent(() => put('victim'));
    const sent = await swept();
    expect(sent).toHaveLength(SWEEP_LIMIT);
    expect(sent).toContain('victim');
  });

  it('sends deletions although very much was put', async () => {
    await put('deleted');
    await world.settle();
    await unsent(async () => {
      for (const id of idsOf('new', 2 * SWEEP_LIMIT)) await put(id);
      await removeDocument(world.services, 'small', 'deleted');
    });
    const sent = await swept();
    expect(sent).toHaveLength(SWEEP_LIMIT);
    expect(sent).toContain('deleted');
  });

  it('shares itself between deletions and the others when there are too many of both', async () => {
    await deletedNamespace(2 * SWEEP_LIMIT);
    await unsent(async () => {
      for (const id of idsOf('new', 2 * SWEEP_LIMIT)) await put(id);
    });
    const sent = await swept();
    expect(sent.toSorted()).toEqual([...idsOf('big', SWEEP_LIMIT / 2), ...idsOf('new', SWEEP_LIMIT / 2)]);
  });

  it.each(['new', 'big'])('comes to every document before it sends one again: %s', async (name) => {
    const count = 2 * SWEEP_LIMIT + 5;
    if (name === 'big') await deletedNamespace(count);
    else {
      await unsent(async () => {
        for (const id of idsOf('new', count)) await put(id);
      });
    }
    const sent: string[] = [];
    for (let minute = 0; minute < 3; minute += 1) {
      sent.push(...(await swept()));
      world.pass(REQUEUE_AFTER_MS + MINUTE_MS);
    }
    expect(sent.slice(0, count).toSorted()).toEqual(idsOf(name, count));
  });
});
