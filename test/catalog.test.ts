import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { SELECT_TEXTS } from '../src/catalog/chunk-texts.ts';
import { createLiveness } from '../src/catalog/liveness.ts';
import { createNamespaces } from '../src/catalog/namespaces.ts';
import { COUNT_UNFINISHED, SELECT_DELETING, SELECT_UNFINISHED } from '../src/catalog/unfinished.ts';
import { systemClock } from '../src/clock.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { createCallUpstream } from '../src/resilience/call-upstream.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { createIngestWorld, UNLIMITED } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { type Storage, startStorage } from './support/storage-under-test.ts';

const telemetry = { emit: () => {}, count: () => {}, observe: () => {} };
const soon = () => deadlineIn(systemClock, 10_000);

let storage: Storage;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
afterAll(() => close());

function databaseWith(timeoutMs: number) {
  const callUpstream = createCallUpstream({ clock: systemClock, telemetry });
  return createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream, timeoutMs });
}

it('says which documents are live, in their own namespace, and knows namespaces by their first document', async () => {
  const world = createIngestWorld(storage);
  const put = async (namespace: string, documentId: string) => {
    const described = { title: null, url: null, metadata: {} };
    const accepted = await acceptDocument(world.services, {
      namespace,
      documentId,
      source: aText(documentId),
      ...described,
    });
    return accepted.ok ? accepted.value.status.version : 0;
  };
  const version = await put('docs', 'a');
  await put('docs', 'deleted');
  await put('other', 'b');
  await world.deliver();
  await removeDocument(world.services, 'docs', 'deleted');
  await put('docs', 'queued');
  const database = databaseWith(10_000);
  const { liveVersions } = createLiveness(database);
  const live = await liveVersions('docs', ['a', 'b', 'deleted', 'queued', 'unknown'], soon());
  expect(live).toEqual({ ok: true, value: new Map([['a', version]]) });
  const many = await liveVersions('docs', ['a', ...Array.from({ length: 500 }, (_, n) => `x${n}`)], soon());
  expect(many).toEqual(live);
  const { exists } = createNamespaces(database, UNLIMITED);
  expect([await exists('docs', soon()), await exists('none', soon())]).toEqual([
    { ok: true, value: true },
    { ok: true, value: false },
  ]);
});

it.each([
  ['documents_deleting', SELECT_DELETING],
  ['documents_unfinished', SELECT_UNFINISHED],
])('reads only unfinished documents in a sweep, in their order, however many there are: %s', async (index, sql) => {
  const plan = await storage.CATALOG_DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(1, 1, 1).all<{ detail: string }>();
  expect(plan.results.map(({ detail }) => detail)).toEqual([`SCAN documents USING INDEX ${index}`]);
});

it('reads only unfinished documents when they are counted', async () => {
  const plan = await storage.CATALOG_DB.prepare(`EXPLAIN QUERY PLAN ${COUNT_UNFINISHED}`)
    .bind(1)
    .all<{ detail: string }>();
  expect(plan.results.map(({ detail }) => detail)).toContain('SCAN documents USING INDEX documents_unfinished');
});

it('reads texts by their document, however many chunks the namespace has', async () => {
  const plan = await storage.CATALOG_DB.prepare(`EXPLAIN QUERY PLAN ${SELECT_TEXTS}`)
    .bind('docs', '[]', 'f', 0, 9)
    .all<{ detail: string }>();
  const ofChunks = plan.results.find(({ detail }) => detail.startsWith('SEARCH c '))?.detail;
  expect(ofChunks).toContain('namespace=? AND document_id=? AND version=? AND n>? AND n<?');
});

it('answers a missing table as a mistake of configuration', async () => {
  const statement = { sql: 'SELECT 1 FROM absent', parameters: [] };
  const answer = await databaseWith(10_000).batch('test', [statement], soon());
  expect(answer).toMatchObject({ ok: false, error: { dependency: 'catalog', class: 'configuration' } });
});
