import { afterAll, beforeAll, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { deleteMany } from '../src/ingest/delete-many.ts';
import type { MetadataFilter } from '../src/retrieval/filters/metadata-filter.ts';
import { type Death, mortal } from './support/crash-after.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, LEASE_MS } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const OLD: MetadataFilter = { op: 'lt', key: 'year', value: 2020 };
const YEARS = { a: 2010, b: 2024, c: 2015 };
const ALL = { a: 'Words of a.', b: 'Words of b.', c: 'Words of c.' };
const LEFT = { b: ALL.b };
const MOST_CALLS = 200;
// To die before a call is, but for calls that go out together, to die after the one before it.
const MOMENTS = process.env.VIGIL_TEST_FULL === '1' ? (['before', 'after'] as const) : (['after'] as const);
// Every second call in the short form.
const STRIDE = process.env.VIGIL_TEST_FULL === '1' ? 1 : 2;

let storage: Storage;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
afterAll(() => close());

async function aFilledWorld(): Promise<IngestWorld> {
  await emptyStorage(storage);
  const world = createIngestWorld(storage);
  for (const [documentId, year] of Object.entries(YEARS)) {
    const content = `Words of ${documentId}.`;
    const described = { title: null, url: null, metadata: { year } };
    await acceptDocument(world.services, { namespace: NAMESPACE, documentId, source: aText(content), ...described });
  }
  await world.deliver();
  return world;
}

function deleteOld(services: IngestWorld['services']) {
  return deleteMany(services, NAMESPACE, { kind: 'filter', filter: OLD });
}

it.each(MOMENTS)(
  '(peers 2) a Worker that dies %s any of its calls while it takes a deletion by filter either knows nothing of it or has it done',
  async (moment) => {
    let death: Death | null = null;
    const outcomes = { nothing: 0, done: 0 };
    for (let call = 1; death === null || death.hasCome(); call += STRIDE) {
      const world = await aFilledWorld();
      const dying = mortal(world.services, { call, moment });
      death = dying.death;
      await Promise.allSettled([deleteOld(dying.services)]);
      await death.settled();
      world.queue.deliveries = [];
      const promised = await storage.CATALOG_DB.prepare('SELECT count(*) AS n FROM deletions').first<{ n: number }>();
      await world.settle();
      await expectExactly(world, storage, promised?.n === 1 ? LEFT : ALL);
      outcomes[promised?.n === 1 ? 'done' : 'nothing'] += 1;
    }
    expect(outcomes.done).toBeGreaterThan(3);
  },
  240_000,
);

it.each(MOMENTS)(
  '(peers 1) a Worker that dies %s any of its calls while it goes on with a deletion leaves nothing wrong behind',
  async (moment) => {
    let calls = 0;
    for (let call = 1; call <= MOST_CALLS; call += STRIDE) {
      const world = await aFilledWorld();
      // The request got no further than the promise.
      const promised = mortal(world.services, { call: 2, moment: 'before' });
      await Promise.allSettled([deleteOld(promised.services)]);
      await promised.death.settled();
      await world.services.queue.send([await theDeletion()], { atMs: 0, remainingMs: () => 1_000 });
      const { services, death } = mortal(world.services, { call, moment });
      // First it takes them out of answers, then it removes them.
      await Promise.allSettled([world.deliver(services).then(() => world.deliver(services))]);
      await death.settled();
      if (!death.hasCome()) break;
      calls = call;
      if (call % 2 === 0) world.queue.deliveries = [];
      world.pass(call % 3 === 0 ? LEASE_MS : 1_000);
      await world.settle();
      await expectExactly(world, storage, LEFT);
    }
    expect(calls).toBeGreaterThan(15);
    expect(calls).toBeLessThan(MOST_CALLS);
  },
  400_000,
);

async function theDeletion() {
  const row = await storage.CATALOG_DB.prepare('SELECT deletion_id AS id FROM deletions').first<{ id: string }>();
  if (row === null) throw new Error('nothing was promised');
  return { v: 1 as const, kind: 'deletion' as const, namespace: NAMESPACE, deletionId: row.id };
}
