import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statusOf } from '../src/catalog/document-record.ts';
import { acceptDocument, type DocumentInput } from '../src/ingest/accept-document.ts';
import { recordDeadLetter } from '../src/ingest/dead-letter.ts';
import { handleDeadLetters, handleIngestMessages } from '../src/ingest/handle-messages.ts';
import type { TextType } from '../src/ingest/media-types.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { expectExactly, expectServed, NAMESPACE } from './support/ingest-truth.ts';
import {
  createIngestWorld,
  type IngestWorld,
  LEASE_MS,
  MAX_ATTEMPTS,
  REQUEUE_AFTER_MS,
} from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

// More than one call's worth of chunks for the embedder and for a section.
const GUIDE = `# Guide\n\n${Array.from({ length: 12 }, (_, n) => `## Part ${n}\n\nWords about part ${n}.`).join('\n\n')}`;
const SHORTER = '# Guide\n\nOne short text.';

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

type Parts = Partial<DocumentInput> & { content?: string; contentType?: TextType };

function aDocument({ content = GUIDE, contentType, ...parts }: Parts = {}): DocumentInput {
  return {
    namespace: NAMESPACE,
    documentId: 'guides/start.md',
    source: aText(content, contentType),
    title: null,
    url: null,
    metadata: {},
    ...parts,
  };
}

async function accept(parts: Parts = {}) {
  const accepted = await acceptDocument(world.services, aDocument(parts));
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
  return accepted.value;
}

async function read(documentId = 'guides/start.md') {
  const deadline = deadlineIn(world.services.clock, 10_000);
  const found = await world.services.catalog.documents.find(NAMESPACE, documentId, deadline);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

describe('accepting', () => {
  it('(peers 8) makes a new document queued at once and ready after one delivery', async () => {
    const { outcome, status } = await accept();
    expect(outcome).toBe('created');
    expect(status).toMatchObject({
      state: { state: 'queued' },
      liveVersion: null,
      title: 'Guide',
      stores: { first: 'behind', second: 'behind' },
    });
    expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('(peers 3) says unchanged, and writes nothing, when it knows the document already', async () => {
    await accept();
    for (const step of ['queued', 'ready']) {
      const again = await accept();
      expect([step, again.outcome, again.status.state.state]).toEqual([step, 'unchanged', step]);
      expect(world.queue.deliveries).toHaveLength(step === 'queued' ? 1 : 0);
      await world.deliver();
    }
    expect((await storage.DOCUMENTS.list()).objects).toHaveLength(1);
  });

  it.each([
    ['title', { title: 'Another' }],
    ['address', { url: 'https://example.com/' }],
    ['metadata', { metadata: { team: 'docs' } }],
    ['content type', { contentType: 'text/plain' as const }],
  ])('takes another %s for a change', async (_, change) => {
    await accept({ title: 'Guide' });
    expect((await accept({ title: 'Guide', ...change })).outcome).toBe('updated');
  });

  it('makes known that a document went live, and that it is deleted', async () => {
    await accept();
    expect(world.published).toEqual([]);
    await world.deliver();
    expect(world.published).toEqual([NAMESPACE]);
    await removeDocument(world.services, NAMESPACE, 'guides/start.md');
    expect(world.published).toEqual([NAMESPACE, NAMESPACE]);
    // Once more by who removes it: the first one may not have been heard.
    await world.settle();
    expect(world.published).toHaveLength(3);
  });

  it('takes the order of metadata keys for no change', async () => {
    await accept({ metadata: { a: 1, b: 2 } });
    expect((await accept({ metadata: { b: 2, a: 1 } })).outcome).toBe('unchanged');
  });

  it('(peers 3) names another document with the same content, and keeps both', async () => {
    await accept();
    const { outcome, duplicateOf } = await accept({ documentId: 'copy.md' });
    expect([outcome, duplicateOf]).toEqual(['created', 'guides/start.md']);
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE, 'copy.md': GUIDE });
  });

  it('refuses a document without words', async () => {
    const content = '---\ntitle: Only front matter\n---\n\n***\n';
    const refused = await acceptDocument(world.services, aDocument({ content }));
    expect(refused).toMatchObject({ ok: false, error: { kind: 'unprocessable', code: 'DOCUMENT_EMPTY' } });
  });

  it('(peers 4) indexes once when the same document comes many times at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => accept()));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', ...Array(7).fill('unchanged')]);
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
    expect(world.events.filter(({ event }) => event === 'document.ready')).toHaveLength(1);
  });

  it('lets one of several different versions win when they come at once', async () => {
    await Promise.all(['one', 'two', 'three'].map((word) => accept({ content: `Version ${word}.` })));
    await world.settle();
    const record = await read();
    const content = await (await storage.DOCUMENTS.get(record?.objectKey ?? ''))?.text();
    await expectExactly(world, storage, { 'guides/start.md': content ?? '' });
  });

  it('accepts every one of many different versions that come at once', async () => {
    const words = Array.from({ length: 20 }, (_, n) => `Version ${n}.`);
    const uploads: string[] = [];
    const { objects } = world.services;
    world.services.objects = {
      ...objects,
      put(object, deadline) {
        uploads.push(String(object.content));
        return objects.put(object, deadline);
      },
    };
    const accepted = await Promise.all(words.map((content) => accept({ content })));
    expect(new Set(accepted.map(({ status }) => status.version)).size).toBe(words.length);
    expect(uploads.sort()).toEqual(words.toSorted());
    await world.settle();
    const last = accepted.toSorted((a, b) => a.status.version - b.status.version).at(-1);
    const winner = words.find((_, n) => accepted[n] === last) ?? '';
    await expectExactly(world, storage, { 'guides/start.md': winner });
  });

  it('(peers 8) keeps its promise although the queue refuses: the sweep sends the document later', async () => {
    world.queue.refuses = true;
    expect((await accept()).outcome).toBe('created');
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'queue.send-failed' }));
    world.queue.refuses = false;
    expect(await sweep(world.services)).toEqual({ requeued: 1, expiredLeases: 0, repaired: 0 });
    await world.deliver();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('has a message sent again that the queue has lost, but not before it is overdue', async () => {
    await accept();
    world.queue.deliveries = [];
    world.pass(REQUEUE_AFTER_MS - 1);
    expect((await sweep(world.services)).requeued).toBe(0);
    world.pass(1);
    expect((await sweep(world.services)).requeued).toBe(1);
  });
});

describe('updating', () => {
  it('replaces every chunk of the version before', async () => {
    await accept();
    await world.deliver();
    expect((await accept({ content: SHORTER })).outcome).toBe('updated');
    expect((await read())?.liveVersion).toBeLessThan((await read())?.version ?? 0);
    await world.deliver();
    await expectExactly(world, storage, { 'guides/start.md': SHORTER });
  });

  it('serves the old version until every store shows the new one', async () => {
    await accept();
    await world.deliver();
    world.stores.second.visibilityDelayMs = 5_000;
    await accept({ content: SHORTER });
    const goLive = world.services.catalog.versions.goLive;
    let idsAtSwitch: string[] = [];
    world.services.catalog.versions.goLive = (...args) => {
      idsAtSwitch = world.stores.second.visibleIds();
      return goLive(...args);
    };
    await world.deliver();
    const chunk = await storage.CATALOG_DB.prepare('SELECT chunk_id AS id FROM chunks').first<{ id: string }>();
    expect(idsAtSwitch).toContain(chunk?.id);
    expect(await expectServed(world, storage)).toBe(1);
  });

  it('goes on from the newest when several versions are accepted before one is ingested', async () => {
    for (const word of ['one', 'two', 'three']) {
      world.pass(1);
      await accept({ content: `Version ${word}.` });
    }
    const outcomes = await world.deliver();
    expect(outcomes).toEqual([{ kind: 'ack' }, { kind: 'ack' }, { kind: 'ack' }]);
    await expectExactly(world, storage, { 'guides/start.md': 'Version three.' });
  });

  it('stops working on a version that was replaced meanwhile, and loses nothing', async () => {
    await accept();
    const { embed } = world.services.embedder;
    world.services.embedder = {
      ...world.services.embedder,
      async embed(...args) {
        if (world.embedder.calls.length === 1) await accept({ content: SHORTER });
        return embed(...args);
      },
    };
    expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
    expect(world.embedder.calls).toHaveLength(2);
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': SHORTER });
  });
});

describe('a batch', () => {
  it('embeds the chunks of all its documents together, in full calls', async () => {
    for (let n = 0; n < 10; n += 1) await accept({ documentId: `${n}.md`, content: `Text number ${n}.` });
    await world.deliver();
    expect(world.embedder.calls.map((texts) => texts.length)).toEqual([5, 5]);
    expect(world.stores.first.upsertedBatches.map((ids) => ids.length)).toEqual([5, 5]);
  });

  it('lets a short document go live before a long one of the same batch is written', async () => {
    await accept();
    await accept({ documentId: 'small.md', content: SHORTER });
    const statesOfSmall: (string | undefined)[] = [];
    const { embed } = world.services.embedder;
    world.services.embedder = {
      ...world.services.embedder,
      async embed(...args) {
        statesOfSmall.push((await read('small.md'))?.state);
        return embed(...args);
      },
    };
    await world.deliver();
    expect(statesOfSmall).toEqual(['processing', 'ready', 'ready']);
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE, 'small.md': SHORTER });
  });

  it('does not wait for a short document that queries do not see yet', async () => {
    world.stores.first.visibilityDelayMs = 3_000;
    world.stores.second.visibilityDelayMs = 3_000;
    await accept();
    await accept({ documentId: 'small.md', content: SHORTER });
    const startedAtMs = world.services.clock.nowMs();
    const { embed } = world.services.embedder;
    world.services.embedder = {
      ...world.services.embedder,
      embed(...args) {
        // Pauses between steps take a millisecond each.
        expect(world.services.clock.nowMs() - startedAtMs).toBeLessThan(20);
        return embed(...args);
      },
    };
    await world.deliver();
    expect([(await read())?.state, (await read('small.md'))?.state]).toEqual(['ready', 'ready']);
  });

  it('finds out whose text the model refuses, and makes the other documents ready', async () => {
    world.embedder.refuses = (text) => text.includes('poison');
    for (const word of ['good', 'poison', 'fine'])
      await accept({ documentId: `${word}.md`, content: `A ${word} text.` });
    await world.deliver();
    expect(await read('poison.md')).toMatchObject({ state: 'failed', errorCode: 'TOLD', attempts: 1 });
    expect([(await read('good.md'))?.state, (await read('fine.md'))?.state]).toEqual(['ready', 'ready']);
  });

  it('acknowledges messages that come twice, late or for nothing', async () => {
    await accept();
    const [delivery] = world.queue.deliveries;
    await world.deliver();
    if (delivery === undefined || delivery.message.kind === 'deletion') throw new Error('nothing was sent');
    const { message } = delivery;
    const unknown = { ...message, documentId: 'unknown.md' };
    const old = { ...message, version: message.version - 1 };
    world.queue.deliveries = [message, unknown, old].map((each) => ({ ...delivery, message: each }));
    expect(await world.deliver()).toEqual([{ kind: 'ack' }, { kind: 'ack' }, { kind: 'ack' }]);
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('works once on a message that is in it twice', async () => {
    await accept();
    world.queue.deliveries = [...world.queue.deliveries, ...world.queue.deliveries];
    const outcomes = await world.deliver();
    expect(outcomes).toEqual([{ kind: 'ack' }, { kind: 'retry', delaySeconds: LEASE_MS / 1_000 }]);
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });
});

describe('the queue handler', () => {
  const batchOf = (bodies: unknown[]) => {
    const told: string[] = [];
    const messages = bodies.map((body, n) => ({
      id: String(n),
      timestamp: new Date(),
      attempts: 1,
      body,
      ack: () => told.push(`${n} ack`),
      retry: (options?: { delaySeconds?: number }) => told.push(`${n} retry ${options?.delaySeconds}`),
    }));
    const metadata = { metrics: { backlogCount: 0, backlogBytes: 0 } };
    const batch: MessageBatch = { queue: 'vigil-ingest', messages, metadata, ackAll: () => {}, retryAll: () => {} };
    return { batch, told };
  };

  it('acknowledges what is done, retries what is not, and drops what is no message of ours', async () => {
    await accept();
    await accept({ documentId: 'slow.md', content: 'A slow text.' });
    world.embedder.refuses = (text) => text.includes('slow');
    const { embed } = world.services.embedder;
    world.services.embedder = {
      ...world.services.embedder,
      async embed(...args) {
        const answer = await embed(...args);
        return answer.ok ? answer : { ok: false, error: { ...answer.error, class: 'rate-limited' } };
      },
    };
    const [guide, slow] = world.queue.deliveries.map(({ message }) => message);
    const { batch, told } = batchOf([{ v: 2 }, guide]);
    await handleIngestMessages(world.services, batch);
    expect(told).toEqual(['0 ack', '1 ack']);
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'queue.message-invalid' }));
    const later = batchOf([slow]);
    await handleIngestMessages(world.services, later.batch);
    expect(later.told).toEqual(['0 retry 30']);
  });

  it('(peers 14) has a whole batch wait as long as a busy model asks, and drops none of it', async () => {
    const { embedder } = world.services;
    const busy = async (...args: Parameters<typeof embedder.embed>) => {
      const answer = await embedder.embed(...args);
      return answer.ok ? answer : { ok: false as const, error: { ...answer.error, retryAfterMs: 90_000 } };
    };
    world.services.embedder = { ...embedder, embed: busy };
    world.embedder.failWith = 'rate-limited';
    await accept();
    await accept({ documentId: 'other.md', content: SHORTER });
    const { batch, told } = batchOf(world.queue.deliveries.map(({ message }) => message));
    await handleIngestMessages(world.services, batch);
    expect(told).toEqual(['0 retry 90', '1 retry 90']);
    expect([await read(), await read('other.md')]).toMatchObject(Array(2).fill({ state: 'queued', attempts: 1 }));
    world.embedder.failWith = null;
    world.pass(90_000);
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE, 'other.md': SHORTER });
  });

  it('(peers 9) acknowledges dead letters once they are recorded', async () => {
    await accept();
    const { batch, told } = batchOf(world.queue.deliveries.map(({ message }) => message));
    world.queue.deliveries = [];
    await handleDeadLetters(world.services, batch);
    expect(told).toEqual(['0 ack']);
    expect((await sweep(world.services)).requeued).toBe(1);
  });
});

describe('failing', () => {
  it.each(['transient', 'rate-limited'] as const)(
    '(peers 14) retries %s failures quickly at first, and then as long as it takes',
    async (errorClass) => {
      world.embedder.failWith = errorClass;
      await accept();
      for (let attempt = 1; attempt <= 4 * MAX_ATTEMPTS; attempt += 1) {
        const [outcome] = await world.deliver();
        expect(outcome?.kind).toBe(attempt < MAX_ATTEMPTS ? 'retry' : 'ack');
        expect(await read()).toMatchObject({ state: 'queued', attempts: attempt, errorCode: 'TOLD', leaseToken: null });
        world.pass(15 * 60_000);
        await sweep(world.services);
      }
      world.embedder.failWith = null;
      await world.settle();
      await expectExactly(world, storage, { 'guides/start.md': GUIDE });
    },
  );

  it('grows the delays of quick retries', async () => {
    world.embedder.failWith = 'transient';
    await accept();
    const delays: number[] = [];
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      const [outcome] = await world.deliver();
      if (outcome?.kind === 'retry') delays.push(outcome.delaySeconds);
      world.pass(60_000);
    }
    expect(delays).toEqual([2, 4, 8]);
  });

  it('(peers 10) says of a waiting document why and until when, and of one at work how far it is', async () => {
    world.embedder.failWith = 'transient';
    await accept();
    await world.deliver();
    const status = async () => {
      const record = await read();
      return record === null ? null : statusOf(record, ['first', 'second']);
    };
    const nextRetryAtMs = world.services.clock.nowMs() + 2_000;
    const failure = { code: 'TOLD', message: 'as the test wants', attempts: 1 };
    expect(await status()).toMatchObject({ state: { state: 'queued' }, lastFailure: { ...failure, nextRetryAtMs } });
    await storage.CATALOG_DB.prepare('UPDATE documents SET chunks_done = 5, chunks_total = 12').run();
    world.embedder.failWith = null;
    world.pass(2_000);
    const { read: readObject } = world.services.objects;
    const seen: unknown[] = [];
    world.services.objects.read = async (...args) => {
      seen.push(await status());
      return readObject(...args);
    };
    await world.deliver();
    expect(seen).toMatchObject([
      {
        state: { state: 'processing', stage: 'chunking', done: 0, total: 0 },
        lastFailure: { ...failure, attempts: 2, nextRetryAtMs: null },
      },
    ]);
    expect(await status()).toMatchObject({ state: { state: 'ready' }, lastFailure: null });
  });

  it('asks a model that is down once a batch, and keeps what was written before', async () => {
    await accept({ documentId: 'small.md', content: SHORTER });
    await accept();
    const { embed } = world.services.embedder;
    world.services.embedder = {
      ...world.services.embedder,
      async embed(...args) {
        if (world.embedder.calls.length === 1) world.embedder.failWith = 'rate-limited';
        return embed(...args);
      },
    };
    expect(await world.deliver()).toEqual([{ kind: 'ack' }, { kind: 'retry', delaySeconds: 30 }]);
    expect(world.embedder.calls).toHaveLength(2);
    expect((await read('small.md'))?.state).toBe('ready');
  });

  it('does not count a delivery that comes before the next attempt is due', async () => {
    world.embedder.failWith = 'transient';
    await accept();
    const { deliveries } = world.queue;
    await world.deliver();
    world.queue.deliveries = deliveries;
    expect(await world.deliver()).toEqual([{ kind: 'retry', delaySeconds: 2 }]);
    expect((await read())?.attempts).toBe(1);
  });

  it('begins anew when a failed document is put again', async () => {
    world.embedder.failWith = 'permanent';
    await accept();
    await world.deliver();
    world.embedder.failWith = null;
    expect((await accept()).outcome).toBe('updated');
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('(peers 13) waits for an operator as long as it takes', async () => {
    world.embedder.failWith = 'configuration';
    await accept();
    for (let attempt = 0; attempt < 3 * MAX_ATTEMPTS; attempt += 1) {
      expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
      expect((await read())?.state).toBe('queued');
      world.pass(10 * 60_000);
      await sweep(world.services);
    }
    world.embedder.failWith = null;
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('is ready with one store down, says which is behind, and repairs it later', async () => {
    world.stores.first.failWith = 'transient';
    const { status } = await accept();
    expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
    expect(await read()).toMatchObject({ state: 'ready', liveVersion: status.version });
    expect(world.stores.first.visibleIds()).toEqual([]);
    world.pass(60_000);
    expect(await sweep(world.services)).toMatchObject({ requeued: 1, repaired: 1 });
    await world.deliver();
    expect(await sweep(world.services)).toMatchObject({ requeued: 0 });
    world.stores.first.failWith = null;
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('removes the old version from a store that was down during the update', async () => {
    await accept();
    await world.deliver();
    world.stores.first.failWith = 'transient';
    await accept({ content: SHORTER });
    await world.deliver();
    expect(await read()).toMatchObject({ state: 'ready', olderVersions: 1 });
    world.stores.first.failWith = null;
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': SHORTER });
  });

  it('retries when no vector store takes the document', async () => {
    world.stores.first.failWith = 'permanent';
    world.stores.second.failWith = 'transient';
    await accept();
    expect(await world.deliver()).toEqual([{ kind: 'retry', delaySeconds: 2 }]);
    world.stores.first.failWith = null;
    world.stores.second.failWith = null;
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('waits for slow visibility without writing again, and without counting it as a failure', async () => {
    world.stores.first.visibilityDelayMs = 120_000;
    world.stores.second.visibilityDelayMs = 120_000;
    await accept();
    expect(await world.deliver()).toEqual([{ kind: 'retry', delaySeconds: 5 }]);
    expect(await read()).toMatchObject({ state: 'processing', stage: 'indexing', attempts: 0, chunksDone: 12 });
    await world.settle();
    expect(world.stores.first.upsertedBatches.flat()).toHaveLength(12);
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('makes a new document ready as soon as one store shows it, and the other current later', async () => {
    world.stores.first.visibilityDelayMs = 120_000;
    await accept();
    expect(await world.deliver()).toEqual([{ kind: 'retry', delaySeconds: 15 }]);
    expect((await read())?.state).toBe('ready');
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('(peers 10) fails a document whose every attempt was cut off', async () => {
    await accept();
    const crashing = {
      ...world.services,
      embedder: { ...world.services.embedder, embed: () => Promise.reject(new Error()) },
    };
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      await expect(world.deliver(crashing)).rejects.toThrow();
      world.pass(LEASE_MS + REQUEUE_AFTER_MS);
      await sweep(world.services);
    }
    await world.deliver();
    expect(await read()).toMatchObject({ state: 'failed', errorCode: 'INTERRUPTED' });
  });

  it('(peers 15) does not count failures of others as attempts that were cut off', async () => {
    world.embedder.failWith = 'transient';
    await accept();
    for (let attempt = 0; attempt < 2 * MAX_ATTEMPTS; attempt += 1) {
      await world.deliver();
      world.pass(15 * 60_000);
      await sweep(world.services);
    }
    const { embedder } = world.services;
    const crashing = { ...world.services, embedder: { ...embedder, embed: () => Promise.reject(new Error()) } };
    await expect(world.deliver(crashing)).rejects.toThrow();
    world.embedder.failWith = null;
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it.each([
    ['was never tried', null],
    ['failed during an outage', 'transient'],
  ] as const)('(peers 9) goes on with a document that the queue has given up when it %s', async (_, failWith) => {
    world.embedder.failWith = failWith;
    await accept();
    const [delivery] = world.queue.deliveries;
    if (delivery === undefined) throw new Error('nothing was sent');
    if (failWith !== null) await world.deliver();
    world.queue.deliveries = [];
    world.embedder.failWith = null;
    expect(await recordDeadLetter(world.services, delivery.message)).toBe(true);
    expect((await read())?.state).toBe('queued');
    world.pass(2_000);
    expect((await sweep(world.services)).requeued).toBe(1);
    await world.deliver();
    await expectExactly(world, storage, { 'guides/start.md': GUIDE });
  });

  it('(peers 9) records on the document that the queue has given it up when every attempt was cut off', async () => {
    await accept();
    const [delivery] = world.queue.deliveries;
    if (delivery === undefined) throw new Error('nothing was sent');
    const { embedder } = world.services;
    const crashing = { ...world.services, embedder: { ...embedder, embed: () => Promise.reject(new Error()) } };
    await expect(world.deliver(crashing)).rejects.toThrow();
    world.pass(LEASE_MS);
    await storage.CATALOG_DB.prepare('UPDATE documents SET interruptions = ?').bind(MAX_ATTEMPTS).run();
    expect(await recordDeadLetter(world.services, delivery.message)).toBe(true);
    expect(await read()).toMatchObject({ state: 'failed', errorCode: 'DEAD_LETTERED' });
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'document.failed', code: 'DEAD_LETTERED' }));
  });
});

describe('deleting', () => {
  it('takes a document out of answers at once and out of everything soon after', async () => {
    await accept();
    await world.deliver();
    const removed = await removeDocument(world.services, NAMESPACE, 'guides/start.md');
    expect(removed).toMatchObject({ ok: true, value: { state: { state: 'deleting' }, liveVersion: null } });
    expect(await world.deliver()).toEqual([{ kind: 'ack' }]);
    expect(await read()).toBeNull();
    await expectExactly(world, storage, {});
  });

  it('can be asked for twice, and for nothing', async () => {
    expect(await removeDocument(world.services, NAMESPACE, 'guides/start.md')).toEqual({ ok: true, value: null });
    await accept();
    await world.deliver();
    await removeDocument(world.services, NAMESPACE, 'guides/start.md');
    const again = await removeDocument(world.services, NAMESPACE, 'guides/start.md');
    expect(again).toMatchObject({ ok: true, value: { state: { state: 'deleting' } } });
    await world.settle();
    await expectExactly(world, storage, {});
  });

  it('has every healthy store forget all of many documents while another is down, and asks it no more', async () => {
    for (const n of Array.from({ length: 12 }, (_, n) => n)) await accept({ documentId: `guide-${n}.md` });
    await world.settle();
    const deleted: string[] = [];
    const remove = world.stores.second.delete;
    world.stores.second.delete = (namespace, ids, deadline) => {
      deleted.push(...ids);
      return remove(namespace, ids, deadline);
    };
    world.stores.first.failWith = 'transient';
    for (const n of Array.from({ length: 12 }, (_, n) => n))
      await removeDocument(world.services, NAMESPACE, `guide-${n}.md`);
    await world.deliver();
    expect(world.stores.second.visibleIds()).toEqual([]);
    const told = deleted.length;
    world.pass(60_000);
    await world.deliver();
    expect([deleted.length, told > 100]).toEqual([told, true]);
    world.stores.first.failWith = null;
    await world.settle();
    await expectExactly(world, storage, {});
    expect(world.events.filter(({ event }) => event === 'removal.incomplete')).toEqual([]);
  });

  it('keeps the tombstone until a store that is down has forgotten, too', async () => {
    await accept();
    await world.deliver();
    world.stores.second.failWith = 'permanent';
    await removeDocument(world.services, NAMESPACE, 'guides/start.md');
    for (let attempt = 0; attempt < 2 * MAX_ATTEMPTS; attempt += 1) {
      await world.deliver();
      world.pass(10 * 60_000);
      await sweep(world.services);
    }
    expect((await read())?.state).toBe('deleting');
    world.stores.second.failWith = null;
    await world.settle();
    await expectExactly(world, storage, {});
  });

  it('keeps the tombstone until queries no longer see the chunks', async () => {
    await accept();
    await world.deliver();
    world.stores.first.visibilityDelayMs = 90_000;
    await removeDocument(world.services, NAMESPACE, 'guides/start.md');
    expect(await world.deliver()).toEqual([{ kind: 'retry', delaySeconds: 5 }]);
    expect((await read())?.state).toBe('deleting');
    await world.settle();
    await expectExactly(world, storage, {});
  });

  it('waits for whoever is ingesting the document, and removes what they wrote', async () => {
    await accept();
    const { embed } = world.services.embedder;
    world.services.embedder = {
      ...world.services.embedder,
      async embed(...args) {
        if (world.embedder.calls.length === 1) await removeDocument(world.services, NAMESPACE, 'guides/start.md');
        return embed(...args);
      },
    };
    await world.deliver();
    expect((await read())?.state).toBe('deleting');
    await world.settle();
    await expectExactly(world, storage, {});
  });

  it('gives way to a document that is put again', async () => {
    await accept();
    await world.deliver();
    await removeDocument(world.services, NAMESPACE, 'guides/start.md');
    expect((await accept({ content: SHORTER })).outcome).toBe('created');
    await world.settle();
    await expectExactly(world, storage, { 'guides/start.md': SHORTER });
  });
});
