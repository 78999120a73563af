import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statusOf } from '../src/catalog/document-record.ts';
import type { RetriesAsked } from '../src/catalog/retries.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { retryDocument, retryMatching } from '../src/ingest/retry-documents.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, LEASE_MS } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const failed: RetriesAsked = { states: ['failed'], codes: null, filter: null, limit: 500 };

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

async function put(documentId: string, metadata: Record<string, string> = {}) {
  const described = { title: null, url: null, metadata };
  const content = textOf(documentId);
  const accepted = await acceptDocument(world.services, {
    namespace: NAMESPACE,
    documentId,
    source: aText(content),
    ...described,
  });
  expect(accepted.ok).toBe(true);
}

async function read(documentId = 'a') {
  const found = await world.services.catalog.documents.find(
    NAMESPACE,
    documentId,
    deadlineIn(world.services.clock, 10_000),
  );
  if (!found.ok || found.value === null) throw new Error(`${documentId} is not there`);
  return found.value;
}

const statusNow = async (documentId = 'a') => statusOf(await read(documentId), world.services.settings.storeNames);

async function retry(documentId = 'a') {
  const retried = await retryDocument(world.services, NAMESPACE, documentId);
  if (!retried.ok) throw new Error(JSON.stringify(retried.error));
  return retried.value.kind;
}

async function retryAll(asked: Partial<RetriesAsked> = {}) {
  const retried = await retryMatching(world.services, NAMESPACE, { ...failed, ...asked });
  if (!retried.ok) throw new Error(JSON.stringify(retried.error));
  return retried.value;
}

/** Given up for good: the model refuses what is in it. */
async function fail(...ids: string[]) {
  world.embedder.failWith = 'permanent';
  await world.deliver();
  world.embedder.failWith = null;
  for (const id of ids) expect((await read(id)).state).toBe('failed');
}

describe('a retry', () => {
  it('(peers 9) of a failed document really sends it, and shows the last error until the attempt has ended', async () => {
    await put('a');
    await fail('a');
    const before = await statusNow();
    expect(before.lastFailure).toMatchObject({ code: 'TOLD', attempts: 1 });
    expect(world.queue.deliveries).toEqual([]);

    expect(await retry()).toBe('under-way');
    expect(world.queue.deliveries.map(({ message }) => message)).toEqual([
      { v: 1, kind: 'index', namespace: NAMESPACE, documentId: 'a', version: before.version },
    ]);
    expect(await statusNow()).toMatchObject({
      state: { state: 'queued' },
      lastFailure: { code: 'TOLD', message: 'as the test wants', attempts: 0 },
    });

    let duringTheAttempt: unknown = null;
    const { embed } = world.services.embedder;
    world.services.embedder = {
      ...world.services.embedder,
      async embed(...args) {
        duringTheAttempt = (await statusNow()).lastFailure;
        return embed(...args);
      },
    };
    await world.deliver();
    expect(duringTheAttempt).toMatchObject({ code: 'TOLD' });
    expect((await statusNow()).lastFailure).toBeNull();
    await expectExactly(world, storage, { a: textOf('a') });
  });

  it('(peers 9) keeps its promise although the queue refuses: the sweep sends the document', async () => {
    await put('a');
    await fail('a');
    world.queue.refuses = true;
    expect(await retry()).toBe('under-way');
    expect(world.queue.deliveries).toEqual([]);
    world.queue.refuses = false;
    expect((await sweep(world.services)).requeued).toBe(1);
    await world.deliver();
    await expectExactly(world, storage, { a: textOf('a') });
  });

  it('that fails again says so with the new error, and counts from one', async () => {
    await put('a');
    await fail('a');
    await retry();
    world.embedder.failWith = 'transient';
    await world.deliver();
    expect(await statusNow()).toMatchObject({ state: { state: 'queued' }, lastFailure: { attempts: 1 } });
  });

  it('of a document that waits for its next attempt does not wait any longer', async () => {
    await put('a');
    world.embedder.failWith = 'configuration';
    await world.deliver();
    world.embedder.failWith = null;
    expect((await read()).nextRetryAtMs).toBeGreaterThan(world.services.clock.nowMs() + 10_000);
    expect(await retry()).toBe('under-way');
    await world.deliver();
    await expectExactly(world, storage, { a: textOf('a') });
  });

  it.each(['takes the message', 'refuses the message'])(
    'of a ready document that a store lacks repairs it when the queue %s',
    async (queue) => {
      await put('a');
      world.stores.second.failWith = 'transient';
      await world.deliver();
      world.stores.second.failWith = null;
      expect(await statusNow()).toMatchObject({ state: { state: 'ready' }, stores: { second: 'behind' } });
      world.queue.deliveries = [];
      world.queue.refuses = queue === 'refuses the message';
      expect(await retry()).toBe('under-way');
      world.queue.refuses = false;
      await sweep(world.services);
      await world.deliver();
      expect((await statusNow()).stores).toEqual({ first: 'current', second: 'current' });
      await expectExactly(world, storage, { a: textOf('a') });
    },
  );

  it('of a document that is ready everywhere has nothing to do', async () => {
    await put('a');
    await world.settle();
    const before = await read();
    expect(await retry()).toBe('nothing-to-retry');
    expect([await read(), world.queue.deliveries]).toEqual([before, []]);
    expect(await retry('unknown')).toBe('unknown');
  });

  it('does no harm to who is at it, and takes over from who never came back', async () => {
    await put('a');
    const nowMs = world.services.clock.nowMs();
    const lease =
      "UPDATE documents SET state = 'processing', stage = 'embedding', lease_token = 't', lease_until_ms = ?1";
    await storage.CATALOG_DB.prepare(lease)
      .bind(nowMs + LEASE_MS)
      .run();
    const before = await read();
    expect(await retry()).toBe('under-way');
    expect(await read()).toEqual(before);
    world.pass(LEASE_MS);
    world.queue.deliveries = [];
    expect(await retry()).toBe('under-way');
    await world.deliver();
    await expectExactly(world, storage, { a: textOf('a') });
  });

  it('twice does what once does', async () => {
    await put('a');
    await fail('a');
    expect([await retry(), await retry()]).toEqual(['under-way', 'under-way']);
    await world.settle();
    await expectExactly(world, storage, { a: textOf('a') });
  });

  it('of a deletion that waits brings it forward, and never brings the document back', async () => {
    await put('a');
    await world.settle();
    world.stores.first.failWith = 'transient';
    await removeDocument(world.services, NAMESPACE, 'a');
    await world.deliver();
    world.stores.first.failWith = null;
    world.queue.deliveries = [];
    expect(await retry()).toBe('under-way');
    await world.deliver();
    await expectExactly(world, storage, {});
  });
});

it('a retry never brings back what was deleted with its namespace', async () => {
  await put('a');
  await fail('a');
  await storage.CATALOG_DB.prepare('UPDATE namespaces SET erased_up_to = ?1')
    .bind((await read()).version)
    .run();
  expect(await retry()).toBe('under-way');
  expect(await retryAll()).toEqual({ matched: 0, requeued: 0 });
  expect([(await statusNow()).state, world.queue.deliveries]).toEqual([{ state: 'deleting' }, []]);
});

describe('retries', () => {
  const ids = ['a', 'b', 'c', 'd'];

  async function failAll() {
    for (const id of ids) await put(id, { team: id < 'c' ? 'docs' : 'web' });
    await fail(...ids);
    await put('fine');
    await world.settle();
  }

  it('(peers 9) send every failed document, and leave the others alone', async () => {
    await failAll();
    expect(await retryAll()).toEqual({ matched: 4, requeued: 4 });
    expect(world.queue.deliveries).toHaveLength(4);
    expect(await retryAll()).toEqual({ matched: 0, requeued: 0 });
    await world.settle();
    await expectExactly(world, storage, Object.fromEntries([...ids, 'fine'].map((id) => [id, textOf(id)])));
  });

  it('take as many as one call may, the longest untouched first, until none remains', async () => {
    await failAll();
    expect(await retryAll({ limit: 3 })).toEqual({ matched: 4, requeued: 3 });
    // Those that fail again at once do not keep the others from their turn.
    world.pass(1);
    await fail();
    const states = await Promise.all(ids.map(async (id) => (await read(id)).updatedAtMs));
    const oldest = ids[states.indexOf(Math.min(...states))];
    expect(await retryAll({ limit: 1 })).toEqual({ matched: 4, requeued: 1 });
    expect(world.queue.deliveries.map(({ message }) => message)).toMatchObject([{ documentId: oldest }]);
  });

  it('are narrowed down by metadata and by the code of the last error', async () => {
    await failAll();
    expect(await retryAll({ codes: ['OTHER'] })).toEqual({ matched: 0, requeued: 0 });
    expect(await retryAll({ filter: { op: 'eq', key: 'team', value: 'web' }, codes: ['OTHER', 'TOLD'] })).toEqual({
      matched: 2,
      requeued: 2,
    });
    expect(await Promise.all(ids.map(async (id) => (await read(id)).state))).toEqual([
      'failed',
      'failed',
      'queued',
      'queued',
    ]);
  });

  it('take those that wait for their next attempt when asked to, once', async () => {
    for (const id of ids) await put(id);
    world.embedder.failWith = 'configuration';
    await world.deliver();
    world.embedder.failWith = null;
    expect(await retryAll()).toEqual({ matched: 0, requeued: 0 });
    expect(await retryAll({ states: ['failed', 'queued'] })).toEqual({ matched: 4, requeued: 4 });
    expect(await retryAll({ states: ['failed', 'queued'] })).toEqual({ matched: 0, requeued: 0 });
    await world.deliver();
    await expectExactly(world, storage, Object.fromEntries(ids.map((id) => [id, textOf(id)])));
  });

  it('never touch another namespace', async () => {
    await failAll();
    const retried = await retryMatching(world.services, 'other', failed);
    expect(retried).toEqual({ ok: true, value: { matched: 0, requeued: 0 } });
    expect((await read('a')).state).toBe('failed');
  });
});
