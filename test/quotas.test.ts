import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCatalog } from '../src/catalog/catalog.ts';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { createNamespaces, type OwnQuotas } from '../src/catalog/namespaces.ts';
import type { Quotas } from '../src/catalog/quotas.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { deleteMany, deleteNamespace } from '../src/ingest/delete-many.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { callUpstreamWith, inSeconds } from './read-path-builders.ts';
import { NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, UNLIMITED } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

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

const soon = () => inSeconds(10);

function database() {
  return createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream: callUpstreamWith(), timeoutMs: 10_000 });
}

/** The deployment's own, for namespaces without any. */
function deployWith(quotas: Partial<Quotas>) {
  world.services.catalog = createCatalog(database(), { ...UNLIMITED, ...quotas });
}

async function setQuotas(quotas: OwnQuotas, namespace = NAMESPACE) {
  const put = await createNamespaces(database(), UNLIMITED).put(namespace, quotas, 1, soon());
  if (!put.ok) throw new Error(put.error.message);
  return put.value;
}

async function namespaceNow(namespace = NAMESPACE) {
  const found = await createNamespaces(database(), UNLIMITED).find(namespace, soon());
  if (!found.ok || found.value === null) throw new Error('no such namespace');
  return found.value;
}

async function put(documentId: string, content: string, namespace = NAMESPACE) {
  const described = { title: null, url: null, metadata: {} };
  return acceptDocument(world.services, { namespace, documentId, source: aText(content), ...described });
}

const parts = (count: number, word = 'word') =>
  Array.from({ length: count }, (_, n) => `## Part ${n}\n\nThe ${word} ${n}.`).join('\n\n');

const overQuota = (quota: string, limit: number, usage: number) => ({
  ok: false,
  error: { kind: 'over-quota', quota, limit, usage },
});

async function rows() {
  const count = async (sql: string) => (await storage.CATALOG_DB.prepare(sql).first<{ n: number }>())?.n ?? 0;
  return {
    documents: await count(`SELECT count(*) AS n FROM documents WHERE namespace = '${NAMESPACE}'`),
    bytes: await count(
      `SELECT COALESCE(sum(content_bytes), 0) AS n FROM document_versions WHERE namespace = '${NAMESPACE}'`,
    ),
    chunks: await count(`SELECT count(*) AS n FROM chunks WHERE namespace = '${NAMESPACE}'`),
  };
}

describe('the quota of documents', () => {
  it('refuses one more, says which quota, its value and the usage, and keeps nothing of it', async () => {
    await setQuotas({ documents: 2 });
    await put('a', 'One.');
    await put('b', 'Two.');
    expect(await put('c', 'Three.')).toEqual(overQuota('documents', 2, 2));
    expect((await storage.DOCUMENTS.list()).objects).toHaveLength(2);
    expect(await rows()).toMatchObject({ documents: 2 });
  });

  it('lets documents that are here change, and takes another once one is gone everywhere', async () => {
    await setQuotas({ documents: 1 });
    await put('a', 'One.');
    expect(await put('a', 'One and a half.')).toMatchObject({ ok: true, value: { outcome: 'updated' } });
    await removeDocument(world.services, NAMESPACE, 'a');
    expect(await put('b', 'Two.')).toEqual(overQuota('documents', 1, 1));
    await world.settle();
    expect(await put('b', 'Two.')).toMatchObject({ ok: true });
  });

  it('is not passed by many at once', async () => {
    await setQuotas({ documents: 3 });
    const accepted = await Promise.all(Array.from({ length: 12 }, (_, n) => put(`${n}`, `Text ${n}.`)));
    expect(accepted.filter(({ ok }) => ok)).toHaveLength(3);
    expect(await rows()).toMatchObject({ documents: 3 });
  });

  it('is not passed by many of one statement', async () => {
    await setQuotas({ documents: 3, bytes: 100 });
    const version = (n: number) => ({
      documentId: `${n}`,
      nowMs: 1,
      version: {
        ...{
          previousVersion: null,
          version: 10,
          mayRevive: true,
          previous: null,
          objectKey: `k${n}`,
          identityHash: 'i',
        },
        ...{ contentHash: 'c', contentType: 'text/plain', contentBytes: n === 1 ? 99 : 1 },
        ...{ sourceUrl: null, title: null, url: null, metadata: {} },
      },
    });
    const accepted = await world.services.catalog.documents.acceptMany(
      NAMESPACE,
      Array.from({ length: 6 }, (_, n) => version(n)),
      soon(),
    );
    expect(accepted).toEqual({ ok: true, value: [true, true, false, false, false, false] });
    expect(await namespaceNow()).toMatchObject({ documents: { total: 2 }, bytes: 100 });
  });

  it('is another namespace’s own', async () => {
    await setQuotas({ documents: 1 });
    await put('a', 'One.');
    expect(await put('a', 'One.', 'other')).toMatchObject({ ok: true });
  });
});

describe('the quota of bytes', () => {
  it('counts of an update only the difference', async () => {
    await setQuotas({ bytes: 20 });
    await put('a', 'x'.repeat(15));
    expect(await put('b', 'y'.repeat(6))).toEqual(overQuota('bytes', 20, 15));
    expect(await put('a', 'z'.repeat(20))).toMatchObject({ ok: true });
    expect(await put('a', 'z'.repeat(21))).toMatchObject(overQuota('bytes', 20, 35));
  });

  it('lets a document shrink though the quota was lowered below the usage', async () => {
    await put('a', 'x'.repeat(15));
    await world.deliver();
    await setQuotas({ bytes: 5 });
    expect(await put('a', 'x'.repeat(10))).toMatchObject({ ok: true });
    expect(await put('b', 'y')).toMatchObject({ ok: false });
  });
});

describe('the quota of chunks', () => {
  it('fails a document that makes too many, for good, until the quota is raised', async () => {
    await setQuotas({ chunks: 5 });
    expect(await put('a', parts(6))).toMatchObject({ ok: true });
    await world.deliver();
    const find = async () => {
      const found = await world.services.catalog.documents.find(NAMESPACE, 'a', soon());
      return found.ok ? found.value : null;
    };
    expect(await find()).toMatchObject({
      state: 'failed',
      errorCode: 'QUOTA_EXCEEDED',
      errorMessage: 'The namespace may hold 5 chunks and has 0.',
      nextRetryAtMs: null,
    });
    expect(world.embedder.calls).toEqual([]);
    expect(await rows()).toMatchObject({ chunks: 0 });
    await setQuotas({ chunks: 6 });
    await put('a', parts(6));
    await world.settle();
    expect(await find()).toMatchObject({ state: 'ready' });
    expect(await namespaceNow()).toMatchObject({ chunks: 6 });
  });

  it('refuses new documents once it is used up, and counts of an update only the difference', async () => {
    await setQuotas({ chunks: 4 });
    await put('a', parts(4));
    await world.settle();
    expect(await put('b', 'One.')).toEqual(overQuota('chunks', 4, 4));
    await put('a', parts(4, 'thing'));
    await world.settle();
    const found = await world.services.catalog.documents.find(NAMESPACE, 'a', soon());
    expect(found).toMatchObject({ value: { state: 'ready' } });
    expect(await namespaceNow()).toMatchObject({ chunks: 4 });
  });

  it('is not passed by two documents in ingestion at once', async () => {
    await setQuotas({ chunks: 6 });
    await put('a', parts(4));
    await put('b', parts(4));
    await world.settle();
    expect(await namespaceNow()).toMatchObject({ chunks: 4, documents: { ready: 1, failed: 1 } });
  });
});

describe('quotas', () => {
  it('are judged for many versions as for one, each by itself', async () => {
    await setQuotas({ documents: 2, bytes: 20 });
    await put('a', 'x'.repeat(15));
    await put('b', 'y');
    const judged = [
      { documentId: 'new', contentBytes: 1 },
      { documentId: 'a', contentBytes: 15 },
      { documentId: 'b', contentBytes: 6 },
    ];
    const { quotas } = world.services.catalog;
    const verdicts = [
      { overQuota: overQuota('documents', 2, 2).error, acceptedAfter: 0 },
      { overQuota: null, acceptedAfter: 0 },
      { overQuota: overQuota('bytes', 20, 16).error, acceptedAfter: 0 },
    ];
    expect(await quotas.judgeMany(NAMESPACE, judged, soon())).toEqual({ ok: true, value: verdicts });
    for (const [n, { documentId, contentBytes }] of judged.entries()) {
      const alone = await quotas.judge(NAMESPACE, documentId, contentBytes, soon());
      expect(alone).toEqual({ ok: true, value: verdicts[n] });
    }
  });

  it('are the deployment’s where a namespace has none of its own, from the next document on', async () => {
    deployWith({ documents: 1 });
    await put('a', 'One.');
    expect(await put('b', 'Two.')).toEqual(overQuota('documents', 1, 1));
    deployWith({ documents: 2 });
    expect(await put('b', 'Two.')).toMatchObject({ ok: true });
    await setQuotas({ documents: null });
    expect(await put('c', 'Three.')).toMatchObject({ ok: true });
    await setQuotas({});
    expect(await put('d', 'Four.')).toEqual(overQuota('documents', 2, 3));
  });

  it('go with a namespace that is deleted', async () => {
    await setQuotas({ documents: 1 });
    await put('a', 'One.');
    await deleteNamespace(world.services, NAMESPACE);
    await world.settle();
    await put('a', 'One.');
    expect(await put('b', 'Two.')).toMatchObject({ ok: true });
  });

  it('of a namespace that is not there create it', async () => {
    expect(await setQuotas({ bytes: 10 })).toMatchObject({
      isDeleted: false,
      documents: { total: 0 },
      quotas: { documents: null, chunks: null, bytes: 10 },
    });
  });
});

describe('usage', () => {
  const id = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('put' as const), id, parts: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), id }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('deleteMany' as const), ids: fc.array(id, { minLength: 1 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), isDown: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('limit' as const), chunks: fc.integer({ min: 1, max: 20 }) }),
    },
  );

  it('is a count of the rows after any sequence of puts, updates and deletes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 15 }), async (steps) => {
        await emptyStorage(storage);
        world = createIngestWorld(storage);
        await setQuotas({});
        for (const [n, each] of steps.entries()) {
          if (each.kind === 'put') await put(each.id, parts(each.parts, `word${n}`));
          if (each.kind === 'delete') await removeDocument(world.services, NAMESPACE, each.id);
          if (each.kind === 'deleteMany') await deleteMany(world.services, NAMESPACE, { kind: 'ids', ids: each.ids });
          if (each.kind === 'erase') await deleteNamespace(world.services, NAMESPACE);
          if (each.kind === 'deliver') await world.deliver();
          if (each.kind === 'fail') world.stores.first.failWith = each.isDown ? 'transient' : null;
          if (each.kind === 'limit') await setQuotas({ chunks: each.chunks });
          const counted = await storage.CATALOG_DB.prepare(
            `SELECT documents, chunks, bytes FROM namespaces WHERE namespace = '${NAMESPACE}'`,
          ).first();
          expect(counted).toEqual(await rows());
        }
        world.stores.first.failWith = null;
        await world.settle();
        const { bytes, documents, chunks } = await rows();
        const left = await storage.CATALOG_DB.prepare(
          `SELECT documents, chunks, bytes FROM namespaces WHERE namespace = '${NAMESPACE}'`,
        ).first();
        expect(left).toEqual({ documents, chunks, bytes });
      }),
      { numRuns: 12, seed: 5 },
    );
  }, 300_000);
});
