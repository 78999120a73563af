import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { fail } from '../src/result.ts';
import { anUpstreamError } from './read-path-builders.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld, MAX_BATCH_BYTES, REQUEUE_AFTER_MS } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const section = (n: number) => `## Section ${n}\n\nWhat section ${n} of the guide has to say.`;
const SECTIONS = Array.from({ length: 50 }, (_, n) => section(n));
const GUIDE = `# Guide\n\n${SECTIONS.join('\n\n')}`;
const EDITED = `# Guide\n\n${SECTIONS.with(20, '## Section 20\n\nRewritten.').join('\n\n')}`;

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

async function put(content: string, parts: { documentId?: string; metadata?: Record<string, string> } = {}) {
  const described = { title: null, url: null, metadata: {} };
  const input = { namespace: NAMESPACE, documentId: 'guide.md', source: aText(content), ...described, ...parts };
  const accepted = await acceptDocument(world.services, input);
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
  return accepted.value;
}

const embeddedTexts = () => world.embedder.calls.flat();

async function ready(content: string) {
  await put(content);
  await world.settle();
  world.embedder.calls.length = 0;
}

describe('an update', () => {
  it('(peers 5, 7) of one section of fifty embeds that section alone, and leaves no chunk of the old version', async () => {
    await ready(GUIDE);
    await put(EDITED);
    await world.settle();
    expect(embeddedTexts()).toEqual(['Guide\n## Section 20\n\nRewritten.']);
    await expectExactly(world, storage, { 'guide.md': EDITED });
  });

  it('(peers 25) of metadata alone embeds nothing', async () => {
    await ready(GUIDE);
    await put(GUIDE, { metadata: { lang: 'en' } });
    await world.settle();
    expect(world.embedder.calls).toEqual([]);
    await expectExactly(world, storage, { 'guide.md': GUIDE });
  });

  it('takes the vectors from the next store while the first one fails', async () => {
    await ready(GUIDE);
    await put(EDITED);
    world.stores.first.failWith = 'transient';
    await world.deliver();
    expect(embeddedTexts()).toHaveLength(1);
  });

  it('embeds what no store can give', async () => {
    await ready(GUIDE);
    const refused = async () => fail(anUpstreamError({ dependency: 'store', code: 'TOLD' }));
    for (const store of [world.stores.first, world.stores.second]) Object.assign(store, { fetch: refused });
    await put(EDITED);
    await world.deliver();
    expect(embeddedTexts()).toHaveLength(50);
  });

  it('embeds everything anew where the model or the chunker is another', async () => {
    await ready(GUIDE);
    world.deployWith('another/2/mean/chunker-1');
    await storage.CATALOG_DB.prepare('DELETE FROM vector_stores').run();
    await put(EDITED);
    await world.settle();
    expect(embeddedTexts()).toHaveLength(50);
  });
});

it('a store that missed the document gets its vectors from another store', async () => {
  world.stores.second.failWith = 'transient';
  await put(GUIDE);
  await world.deliver();
  world.embedder.calls.length = 0;
  world.stores.second.failWith = null;
  world.pass(REQUEUE_AFTER_MS);
  await world.settle();
  expect(world.embedder.calls).toEqual([]);
  await expectExactly(world, storage, { 'guide.md': GUIDE });
});

describe('a batch of documents that are too much at once', () => {
  const large = (n: number) => `# Large ${n}\n\n${`Sentence of document ${n}. `.repeat(MAX_BATCH_BYTES / 55)}`;

  it('is worked on in parts, of which none counts as an attempt that failed', async () => {
    const contents = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`large-${n}.md`, large(n)]));
    for (const [documentId, content] of Object.entries(contents)) await put(content, { documentId });
    const outcomes = await world.deliver();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['ack', 'ack', 'retry', 'retry', 'retry']);
    const { results } = await storage.CATALOG_DB.prepare(
      'SELECT state, attempts FROM documents ORDER BY document_id',
    ).all();
    expect(results.slice(2)).toEqual(Array.from({ length: 3 }, () => ({ state: 'queued', attempts: 0 })));
    await world.settle();
    await expectExactly(world, storage, contents);
  });

  it('takes one alone, however large', async () => {
    const content = `${large(1)}\n\n${large(2)}\n\n${large(3)}`;
    expect(content.length).toBeGreaterThan(MAX_BATCH_BYTES);
    await put(content);
    await world.settle();
    await expectExactly(world, storage, { 'guide.md': content });
  });
});
