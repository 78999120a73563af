import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { createNamespaces, type OwnQuotas } from '../src/catalog/namespaces.ts';
import { MOST_DOCUMENTS_PER_REQUEST } from '../src/config.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { acceptMany, type ManyItem } from '../src/ingest/accept-many.ts';
import { planMany } from '../src/ingest/plan-many.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { callUpstreamWith, inSeconds } from './read-path-builders.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, UNLIMITED } from './support/ingest-world.ts';
import { planServicesOf } from './support/plan-services.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

// Of the platform: documents in a batch (queues/wrangler.toml), and D1's (https://developers.cloudflare.com/d1/platform/limits/).
const BATCH = 100;
const QUERIES_PER_INVOCATION = 1_000;
const PARAMETERS_PER_QUERY = 100;

let storage: Storage;
let close: () => Promise<void>;
let world: IngestWorld;
let asked: { queries: number; mostParameters: number };

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
afterAll(() => close());
beforeEach(async () => {
  await emptyStorage(storage);
  asked = { queries: 0, mostParameters: 0 };
  const counted = { CATALOG_DB: counting(storage.CATALOG_DB), LEXICAL_DB: counting(storage.LEXICAL_DB) };
  world = createIngestWorld({ ...storage, ...counted });
});

/** Each statement of a batch counts. Only what the adapters use of a statement is there. */
function counting(db: D1Database): D1Database {
  const prepare = (sql: string) => ({
    bind(...values: unknown[]) {
      asked.queries += 1;
      asked.mostParameters = Math.max(asked.mostParameters, values.length);
      return db.prepare(sql).bind(...values);
    },
  });
  const batch = (statements: D1PreparedStatement[]) => db.batch(statements);
  return { prepare, batch } as unknown as D1Database;
}

const ids = Array.from({ length: BATCH }, (_, n) => `guide-${n}.md`);
const contents = (word: string) => Object.fromEntries(ids.map((id, n) => [id, `# ${word} ${n}\n\nA text.`]));

async function putAll(word: string) {
  const described = { title: null, url: null, metadata: {} };
  const accepted = Object.entries(contents(word)).map(([documentId, content]) =>
    acceptDocument(world.services, { namespace: NAMESPACE, documentId, source: aText(content), ...described }),
  );
  for (const { ok } of await Promise.all(accepted)) expect(ok).toBe(true);
}

async function deliverOne() {
  asked = { queries: 0, mostParameters: 0 };
  const outcomes = await world.deliver();
  expect(outcomes).toEqual(ids.map(() => ({ kind: 'ack' })));
  return { ...asked };
}

describe('(peers 35) a full batch stays within what D1 answers in one invocation', () => {
  it('of new documents, of updates and of deletes', { timeout: 60_000 }, async () => {
    await putAll('Early');
    const created = await deliverOne();
    await expectExactly(world, storage, contents('Early'));
    await putAll('Late');
    const updated = await deliverOne();
    await expectExactly(world, storage, contents('Late'));
    await Promise.all(ids.map((id) => removeDocument(world.services, NAMESPACE, id)));
    const deleted = await deliverOne();
    await expectExactly(world, storage, {});
    for (const { queries, mostParameters } of [created, updated, deleted]) {
      expect(queries).toBeGreaterThan(0);
      expect(queries).toBeLessThan(QUERIES_PER_INVOCATION);
      expect(mostParameters).toBeLessThanOrEqual(PARAMETERS_PER_QUERY);
    }
  });
});

describe('a request with as many documents as one may have stays within what D1 answers in one invocation', () => {
  const all = Array.from({ length: MOST_DOCUMENTS_PER_REQUEST }, (_, n) => `d${n}`);

  async function* itemsOf(documentIds: string[], word: string): AsyncGenerator<ManyItem> {
    for (const [index, documentId] of documentIds.entries()) {
      const source = aText(`${word} ${documentId}.`);
      yield { index, input: { namespace: NAMESPACE, documentId, source, title: null, url: null, metadata: {} } };
    }
  }

  /** How often each outcome came; the queries are counted anew. */
  async function acceptAll(documentIds: string[], word = 'Text') {
    asked = { queries: 0, mostParameters: 0 };
    const deadline = deadlineIn(world.services.clock, 600_000);
    const outcomes = await acceptMany(world.services, itemsOf(documentIds, word), { namespace: NAMESPACE, deadline });
    const kinds = [...outcomes.values()].map((outcome) => (outcome.ok ? outcome.value.outcome : outcome.error.kind));
    return countsOf(kinds);
  }

  function countsOf(kinds: string[]): Record<string, number> {
    return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, { length }]) => [kind, length]));
  }

  async function allow(quotas: OwnQuotas) {
    const callUpstream = callUpstreamWith();
    const database = createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream, timeoutMs: 10_000 });
    const put = await createNamespaces(database, UNLIMITED).put(NAMESPACE, quotas, 1, inSeconds(10));
    expect(put.ok).toBe(true);
  }

  /** Of so many that what happens at the beginning and at the end weighs little. */
  const some = all.slice(0, 300);
  const queriesOfAll = () => asked.queries * (all.length / some.length);

  it('when the namespace is full, and says so of each', { timeout: 120_000 }, async () => {
    await allow({ documents: 5 });
    expect(await acceptAll(all)).toEqual({ created: 5, 'over-quota': all.length - 5 });
    expect(asked.queries).toBeLessThan(QUERIES_PER_INVOCATION);
  });

  it('when they change what is there', { timeout: 120_000 }, async () => {
    await acceptAll(some);
    expect(await acceptAll(some, 'Changed')).toEqual({ updated: some.length });
    expect(queriesOfAll()).toBeLessThan(QUERIES_PER_INVOCATION);
  });

  it('when a clock that is ahead has deleted the namespace', { timeout: 120_000 }, async () => {
    await acceptAll(['before']);
    const aheadMs = world.services.clock.nowMs() + 60_000;
    await storage.CATALOG_DB.prepare('UPDATE namespaces SET accepted_after = ?').bind(aheadMs).run();
    expect(await acceptAll(some)).toEqual({ created: some.length });
    expect(queriesOfAll()).toBeLessThan(QUERIES_PER_INVOCATION);
  });

  /** How often each outcome of a dry run came; the queries are counted anew. */
  async function planAll(documentIds: string[], word = 'Text') {
    asked = { queries: 0, mostParameters: 0 };
    const deadline = deadlineIn(world.services.clock, 600_000);
    const items = itemsOf(documentIds, word);
    const outcomes = await planMany(planServicesOf(world), items, { namespace: NAMESPACE, deadline });
    return countsOf([...outcomes.values()].map((outcome) => (outcome.ok ? outcome.value.outcome : 'unplanned')));
  }

  it('when it only asks what new ones would come to', { timeout: 120_000 }, async () => {
    expect(await planAll(all)).toEqual({ created: all.length });
    expect(asked.queries).toBeLessThan(QUERIES_PER_INVOCATION / 5);
  });

  it('when it only asks what changes would come to', { timeout: 120_000 }, async () => {
    const live = all.slice(0, BATCH);
    await acceptAll(live);
    await world.settle();
    expect(await planAll(live, 'Changed')).toEqual({ updated: live.length });
    expect(asked.queries * (all.length / live.length)).toBeLessThan(QUERIES_PER_INVOCATION / 5);
  });
});
