import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { changeDocument } from '../src/ingest/change-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { type Death, mortal } from './support/crash-after.ts';
import { expectExactly, expectServed, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, LEASE_MS } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const part = (n: number) => `## Part ${n}\n\nWords about part ${n}.`;
const LONG = `# Guide\n\n${Array.from({ length: 7 }, (_, n) => part(n)).join('\n\n')}`;
const OTHER = '# Other\n\nA second document in the same batch.';
const SHORT = '# Guide\n\nOne short text.';
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

async function put(world: IngestWorld, documentId: string, content: string, services = world.services) {
  const described = { title: null, url: null, metadata: {} };
  return acceptDocument(services, { namespace: NAMESPACE, documentId, source: aText(content), ...described });
}

interface Story {
  name: string;
  /** What has happened and what waits in the queue when the worker that will die takes the batch. */
  before(world: IngestWorld): Promise<void>;
  after: Record<string, string>;
  /** The fewest chunks that answers can come from at any moment. */
  servedThroughout: number;
}

const stories: Story[] = [
  {
    name: 'the first ingestion of two documents',
    async before(world) {
      await put(world, 'guide.md', LONG);
      await put(world, 'other.md', OTHER);
    },
    after: { 'guide.md': LONG, 'other.md': OTHER },
    servedThroughout: 0,
  },
  {
    name: 'an update',
    async before(world) {
      await put(world, 'guide.md', LONG);
      await world.deliver();
      await put(world, 'guide.md', SHORT);
    },
    after: { 'guide.md': SHORT },
    servedThroughout: 1,
  },
  {
    name: 'a change of metadata',
    async before(world) {
      await put(world, 'guide.md', LONG);
      await world.deliver();
      const changed = await changeDocument(
        world.services,
        { namespace: NAMESPACE, documentId: 'guide.md' },
        { metadata: { lang: 'en' } },
      );
      if (!changed.ok) throw new Error(JSON.stringify(changed.error));
    },
    after: { 'guide.md': LONG },
    servedThroughout: 1,
  },
  {
    name: 'a delete beside an ingestion',
    async before(world) {
      await put(world, 'guide.md', LONG);
      await world.deliver();
      await removeDocument(world.services, NAMESPACE, 'guide.md');
      await put(world, 'other.md', OTHER);
    },
    after: { 'other.md': OTHER },
    servedThroughout: 0,
  },
];

describe.each(stories)('a worker that dies during $name', ({ before, after, servedThroughout }) => {
  it.each(MOMENTS)(
    '%s any of its calls leaves nothing wrong behind',
    async (moment) => {
      let calls = 0;
      for (let call = 1; call <= MOST_CALLS; call += STRIDE) {
        await emptyStorage(storage);
        const world = createIngestWorld(storage);
        await before(world);
        const { deliveries } = world.queue;
        const { services, death } = mortal(world.services, { call, moment });
        await Promise.allSettled([world.deliver(services)]);
        await death.settled();
        if (!death.hasCome()) break;
        calls = call;
        expect(await expectServed(world, storage)).toBeGreaterThanOrEqual(servedThroughout);
        // The queue delivers again, or has lost its memory, too.
        world.queue.deliveries = call % 2 === 0 ? deliveries : [];
        world.pass(call % 3 === 0 ? LEASE_MS : 1_000);
        await world.settle();
        await expectExactly(world, storage, after);
      }
      expect(calls).toBeGreaterThan(15);
      expect(calls).toBeLessThan(MOST_CALLS);
    },
    240_000,
  );
});

it.each(MOMENTS)(
  'a Worker that dies %s any of its calls while it accepts a document either knows nothing of it or makes it ready',
  async (moment) => {
    let death: Death | null = null;
    for (let call = 1; death === null || death.hasCome(); call += STRIDE) {
      await emptyStorage(storage);
      const world = createIngestWorld(storage);
      const dying = mortal(world.services, { call, moment });
      death = dying.death;
      await Promise.allSettled([put(world, 'guide.md', SHORT, dying.services)]);
      await death.settled();
      world.queue.deliveries = [];
      await world.settle();
      const versions = await storage.CATALOG_DB.prepare('SELECT count(*) AS n FROM document_versions').first<{
        n: number;
      }>();
      if (versions?.n === 0) continue;
      await expectExactly(world, storage, { 'guide.md': SHORT });
    }
  },
  60_000,
);
