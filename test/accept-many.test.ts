import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCatalog } from '../src/catalog/catalog.ts';
import { type CatalogDatabase, createCatalogDatabase, type Statement } from '../src/catalog/catalog-database.ts';
import { acceptMany, type ManyItem } from '../src/ingest/accept-many.ts';
import { forgetIngestions, INGESTION_KEPT_MS } from '../src/ingest/forget-ingestions.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { createCallUpstream } from '../src/resilience/call-upstream.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

// https://developers.cloudflare.com/d1/platform/limits/
const MAX_QUERIES_PER_INVOCATION = 1_000;

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

const textOf = (documentId: string) => `The text of ${documentId}.`;
const idsOf = (count: number) => Array.from({ length: count }, (_, n) => `d${n}`);

async function* itemsOf(ids: string[]): AsyncGenerator<ManyItem> {
  const described = { title: null, url: null, metadata: {} };
  for (const [index, documentId] of ids.entries()) {
    yield { index, input: { namespace: NAMESPACE, documentId, source: aText(textOf(documentId)), ...described } };
  }
}

async function accept(ids: string[]) {
  const deadline = deadlineIn(world.services.clock, 60_000);
  const outcomes = await acceptMany(world.services, itemsOf(ids), { namespace: NAMESPACE, deadline });
  return ids.map((_, index) => {
    const outcome = outcomes.get(index);
    return outcome?.ok === true ? outcome.value.outcome : outcome?.error.kind;
  });
}

/** Every statement of the catalog from now on. */
function watchStatements(): Statement[] {
  const statements: Statement[] = [];
  const callUpstream = createCallUpstream(world.services);
  const database = createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream, timeoutMs: 60_000 });
  const watched: CatalogDatabase = {
    batch(operation, batch, deadline) {
      statements.push(...batch);
      return database.batch(operation, batch, deadline);
    },
  };
  world.services.catalog = createCatalog(watched, { documents: null, chunks: null, bytes: null });
  return statements;
}

describe('many documents', () => {
  it('are each accepted once and ingested, as if they had come one by one', async () => {
    const ids = idsOf(30);
    expect(await accept(ids)).toEqual(ids.map(() => 'created'));
    expect(await accept(ids)).toEqual(ids.map(() => 'unchanged'));
    await world.settle();
    await expectExactly(world, storage, Object.fromEntries(ids.map((id) => [id, textOf(id)])));
  });

  it('take few statements: D1 takes 1,000 queries of an invocation, however many documents it has', async () => {
    const statements = watchStatements();
    await accept(idsOf(300));
    expect(statements.length * (1_000 / 300)).toBeLessThan(MAX_QUERIES_PER_INVOCATION);
  });

  it('are sent to the queue together', async () => {
    const sends: number[] = [];
    const { queue } = world.services;
    world.services.queue = {
      ...queue,
      send(messages, deadline) {
        sends.push(messages.length);
        return queue.send(messages, deadline);
      },
    };
    await accept(idsOf(120));
    expect(sends).toEqual([100, 20]);
    expect((await sweep(world.services)).requeued).toBe(0);
  });

  it('are accepted although the queue refuses them: the sweep sends them', async () => {
    world.queue.refuses = true;
    expect(await accept(idsOf(3))).toEqual(['created', 'created', 'created']);
    world.queue.refuses = false;
    expect((await sweep(world.services)).requeued).toBe(3);
  });

  it('that are not reached in time are not accepted, and say so; the others are', async () => {
    const ids = idsOf(40);
    async function* slowly() {
      for await (const item of itemsOf(ids)) {
        world.pass(100);
        yield item;
      }
    }
    const deadline = deadlineIn(world.services.clock, 1_000);
    const outcomes = await acceptMany(world.services, slowly(), { namespace: NAMESPACE, deadline });
    const kinds = ids.map((_, index) => outcomes.get(index)).map((outcome) => outcome?.ok || outcome?.error.kind);
    expect(kinds).toEqual([...Array(9).fill(true), ...Array(31).fill('unreached')]);
    const { results } = await storage.CATALOG_DB.prepare('SELECT document_id AS id FROM documents').all();
    expect(results.map(({ id }) => id).sort()).toEqual(ids.slice(0, 9));
    expect(await accept(ids)).toEqual([...Array(9).fill('unchanged'), ...Array(31).fill('created')]);
  });

  it('are all told when the catalog fails, and none of them hangs', async () => {
    const { documents } = world.services.catalog;
    const error = {
      dependency: 'catalog',
      operation: 'look-up',
      class: 'transient',
      code: 'X',
      message: 'down',
    } as const;
    world.services.catalog = {
      ...world.services.catalog,
      documents: { ...documents, lookUpMany: async () => ({ ok: false, error: { ...error, retryAfterMs: 700 } }) },
    };
    expect(await accept(idsOf(20))).toEqual(Array(20).fill('unavailable'));
  });

  it('of another request with the same ids do no harm', async () => {
    const ids = idsOf(20);
    const [first, second] = await Promise.all([accept(ids), accept(ids)]);
    const both = ids.map((_, n) => [first[n], second[n]].sort());
    expect(both).toEqual(ids.map(() => ['created', 'unchanged']));
    await world.settle();
    await expectExactly(world, storage, Object.fromEntries(ids.map((id) => [id, textOf(id)])));
  });
});

describe('ingestions', () => {
  const record = async (id: string, total: number) => {
    const items = Array.from({ length: total }, (_, n) => {
      return { n, documentId: `d${n}`, version: 1, outcome: 'created' as const, problemCode: null };
    });
    const ingestion = { id, namespace: NAMESPACE, createdAtMs: world.services.clock.nowMs(), items };
    const soon = deadlineIn(world.services.clock, 10_000);
    expect(await world.services.catalog.ingestions.record(ingestion, soon)).toMatchObject({ ok: true });
  };
  const count = async (table: string) =>
    (await storage.CATALOG_DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())?.n;

  it('are kept for a week, and then removed by the sweep', async () => {
    await record('old', 1_200);
    world.pass(1_000);
    await record('young', 3);
    world.pass(INGESTION_KEPT_MS - 1_000);
    await sweep(world.services);
    expect(await count('ingestion_items')).toBe(1_203);
    world.pass(1);
    await sweep(world.services);
    expect([await count('ingestions'), await count('ingestion_items')]).toEqual([1, 3]);
  });

  it('say that a document is deleted as soon as its namespace is', async () => {
    await accept(['d0', 'd1']);
    const items = ['d0', 'd1'].map((documentId, n) => {
      return { n, documentId, version: 1_800_000_000_000, outcome: 'created' as const, problemCode: null };
    });
    const { ingestions } = world.services.catalog;
    const soon = deadlineIn(world.services.clock, 10_000);
    await ingestions.record({ id: 'i', namespace: NAMESPACE, createdAtMs: 1, items }, soon);
    const states = async () => {
      const found = await ingestions.read(NAMESPACE, 'i', { after: -1, limit: 10, state: null }, soon);
      return found.ok && found.value?.items.map(({ state }) => state);
    };
    expect(await states()).toEqual(['queued', 'queued']);
    await storage.CATALOG_DB.prepare('UPDATE namespaces SET erased_up_to = 1e15').run();
    expect(await states()).toEqual(['deleted', 'deleted']);
  });

  it('are removed a slice at a time, oldest first', async () => {
    for (let n = 0; n < 5; n += 1) {
      await record(`i${n}`, 900);
      world.pass(1);
    }
    world.pass(INGESTION_KEPT_MS);
    const { ingestions } = world.services.catalog;
    const nowMs = world.services.clock.nowMs();
    const forget = () => ingestions.forgetBefore(nowMs, deadlineIn(world.services.clock, 10_000));
    expect(await forget()).toEqual({ ok: true, value: 3 });
    expect([await count('ingestions'), await count('ingestion_items')]).toEqual([2, 1_800]);
    expect(await forgetIngestions(world.services)).toBe(2);
    expect([await count('ingestions'), await count('ingestion_items')]).toEqual([0, 0]);
  });
});
