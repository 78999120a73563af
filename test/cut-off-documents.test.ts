import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSeededRandom } from '../local/faults/seeded-random.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, LEASE_MS, MAX_ATTEMPTS } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const SUSPICIOUS = MAX_ATTEMPTS - 1;
const STEP_MS = 5_000;
// Whose turn it is when both come together.
const TURN_OF = { suspects: () => 0, others: () => 0.99 };

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

const contentOf = (documentId: string) => `# ${documentId}\n\nWords of ${documentId}.`;

async function put(documentId: string) {
  const accepted = await acceptDocument(world.services, {
    ...{ namespace: NAMESPACE, documentId, source: aText(contentOf(documentId)) },
    ...{ title: null, url: null, metadata: {} },
  });
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
}

/** As if attempts of it had been cut off. */
async function suspect(documentId: string, interruptions = SUSPICIOUS) {
  const update = 'UPDATE documents SET interruptions = ? WHERE document_id = ?';
  await storage.CATALOG_DB.prepare(update).bind(interruptions, documentId).run();
}

async function row(documentId: string) {
  const select = `SELECT state, attempts, interruptions, error_code AS code, lease_token AS token
    FROM documents WHERE document_id = ?`;
  return storage.CATALOG_DB.prepare(select).bind(documentId).first();
}

/** A Worker that a document with this in its text ends: the queue delivers the whole batch again. */
async function deliverToDying(text: string) {
  const { embedder } = world.services;
  const embed: typeof embedder.embed = (texts, ...rest) =>
    texts.some((one) => one.includes(text)) ? Promise.reject(new Error('cut off')) : embedder.embed(texts, ...rest);
  const before = world.queue.deliveries;
  try {
    await world.deliver({ ...world.services, embedder: { ...embedder, embed } });
  } catch {
    world.queue.deliveries = before;
  }
}

describe('a document whose last attempts were cut off', () => {
  it('is kept apart from others, so that whatever ends it ends no other', async () => {
    world.services.random = TURN_OF.others;
    await put('innocent.md');
    await put('suspect.md');
    await suspect('suspect.md');
    expect(await world.deliver()).toEqual([{ kind: 'ack' }, { kind: 'retry', delaySeconds: 5 }]);
    expect(await row('suspect.md')).toMatchObject({ state: 'queued', interruptions: SUSPICIOUS });
    world.pass(STEP_MS);
    expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
  });

  it('costs those who come with it no attempt, even when it ends its Worker again', async () => {
    world.services.random = TURN_OF.suspects;
    await put('innocent.md');
    await put('suspect.md');
    await suspect('suspect.md');
    await deliverToDying('suspect.md');
    const untouched = { state: 'queued', attempts: 0, interruptions: 0, token: null };
    expect(await row('innocent.md')).toMatchObject(untouched);
    world.pass(STEP_MS);
    await deliverToDying('suspect.md');
    expect(await row('innocent.md')).toMatchObject({ state: 'ready' });
  });

  it('loses no attempt that another one ends', async () => {
    world.services.random = TURN_OF.others;
    await put('suspect.md');
    await suspect('suspect.md');
    await put('deadly.md');
    await deliverToDying('deadly.md');
    expect(await row('suspect.md')).toMatchObject({ state: 'queued', interruptions: SUSPICIOUS, token: null });
  });

  it.each(['ingestion', 'deletion'])(
    'gets a batch to itself while others are put all the time: its %s',
    async (what) => {
      world.services.random = createSeededRandom(1, what);
      await put('suspect.md');
      if (what === 'deletion') {
        await world.deliver();
        await removeDocument(world.services, NAMESPACE, 'suspect.md');
      }
      await suspect('suspect.md', MAX_ATTEMPTS - (what === 'deletion' ? 0 : 1));
      const isDone = async () => {
        const now = await row('suspect.md');
        return now === null || now.state === 'ready';
      };
      let steps = 0;
      for (; steps < 24 && !(await isDone()); steps += 1) {
        await put(`other-${steps}.md`);
        await world.deliver();
        world.pass(STEP_MS);
      }
      expect(await isDone()).toBe(true);
    },
  );

  it('is ready, or given up, within minutes with all that were cut off together', { timeout: 60_000 }, async () => {
    world.services.random = createSeededRandom(1, 'cut off together');
    const innocent = ['a.md', 'b.md', 'c.md'];
    for (const documentId of [...innocent, 'deadly.md']) {
      await put(documentId);
      await suspect(documentId);
    }
    const steps = 24;
    for (let step = 0; step < steps; step += 1) {
      await put(`other-${step}.md`);
      await deliverToDying('deadly.md');
      world.pass(STEP_MS);
    }
    for (const documentId of innocent) expect(await row(documentId)).toMatchObject({ state: 'ready' });
    world.services.random = TURN_OF.others;
    world.pass(LEASE_MS);
    await deliverToDying('deadly.md');
    expect(await row('deadly.md')).toMatchObject({ state: 'failed', code: 'INTERRUPTED' });
    const select = "SELECT count(*) AS n FROM documents WHERE state = 'ready' AND attempts + interruptions = 0";
    expect(await storage.CATALOG_DB.prepare(select).first()).toEqual({ n: innocent.length + steps });
  });
});
