import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../local/manual-clock.ts';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import {
  type BackPressureOptions,
  createBacklogMemory,
  createBackPressure,
  noteBacklog,
  watchBacklog,
} from '../src/ingest/back-pressure.ts';
import { changeDocument } from '../src/ingest/change-document.ts';
import { deleteMany } from '../src/ingest/delete-many.ts';
import type { QueueBacklog } from '../src/ingest/ingest-queue.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import type { UpstreamError } from '../src/resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../src/result.ts';
import { anUpstreamError, inSeconds, silentTelemetry } from './read-path-builders.ts';
import { NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const MAX_MESSAGES = 5_000;
const HOUR_MS = 3_600_000;

/** A queue that tells its backlog, or not, in the eyes of one isolate. */
function arrange(parts: Partial<BackPressureOptions> = {}) {
  const clock = createManualClock();
  const queue = { backlog: succeed(null) as Result<QueueBacklog | null, UpstreamError>, reads: 0 };
  const catalog = { unfinished: succeed(0) as Result<number, UpstreamError>, reads: 0 };
  const memory = createBacklogMemory();
  const deferred: Promise<unknown>[] = [];
  const ingestQueue = {
    send: async () => queue.backlog,
    async backlog() {
      queue.reads += 1;
      return queue.backlog;
    },
  };
  const backPressure = createBackPressure({
    memory,
    queue: ingestQueue,
    unfinished: {
      async count() {
        catalog.reads += 1;
        return catalog.unfinished;
      },
    },
    clock,
    defer: (_, promise) => void deferred.push(promise),
    telemetry: silentTelemetry,
    maxMessages: MAX_MESSAGES,
    maxAgeMs: HOUR_MS,
    ...parts,
  });
  const admit = () => backPressure.admit(inSeconds(5, clock));
  const tell = (messages: number, oldestAtMs: number | null = null) => {
    queue.backlog = succeed({ messages, oldestAtMs });
  };
  const settle = () => Promise.all(deferred.splice(0));
  return { clock, queue, catalog, memory, ingestQueue, admit, tell, settle };
}

describe('the backlog of the queue', () => {
  it('is no reason to refuse up to its limit, and one beyond', async () => {
    const { admit, tell, clock } = arrange();
    tell(MAX_MESSAGES);
    expect(await admit()).toEqual({ kind: 'admitted' });
    tell(MAX_MESSAGES + 1);
    clock.advance(15_000);
    expect(await admit()).toEqual({
      kind: 'overloaded',
      message: '5001 documents wait to be ingested, at most 5000 may.',
      retryAfterMs: 60_000,
    });
  });

  it('is one when it is too old, unless it is a few messages that are tried again and again', async () => {
    const { admit, tell, clock } = arrange();
    clock.advance(2 * HOUR_MS);
    tell(1_000, clock.nowMs() - HOUR_MS - 1);
    expect(await admit()).toEqual({ kind: 'admitted' });
    tell(1_001, clock.nowMs() - HOUR_MS - 1);
    clock.advance(15_000);
    expect(await admit()).toMatchObject({ kind: 'overloaded', message: expect.stringContaining('at most 3600') });
  });

  it('is told by every send, and then not asked for', async () => {
    const { admit, tell, queue, ingestQueue, memory, clock } = arrange();
    tell(MAX_MESSAGES + 1);
    await watchBacklog(ingestQueue, memory, clock).send([], inSeconds(5, clock));
    expect(await admit()).toMatchObject({ kind: 'overloaded' });
    expect(queue.reads).toBe(0);
  });

  it('is read again in the background from 5 s on, once, and waited for from 15 s on', async () => {
    const { admit, tell, queue, settle, clock } = arrange();
    tell(MAX_MESSAGES + 1);
    await admit();
    tell(1);
    clock.advance(5_000);
    expect(await admit()).toMatchObject({ kind: 'overloaded' });
    await admit();
    await settle();
    expect(queue.reads).toBe(2);
    expect(await admit()).toEqual({ kind: 'admitted' });
    tell(MAX_MESSAGES + 1);
    clock.advance(15_000);
    expect(await admit()).toMatchObject({ kind: 'overloaded' });
  });

  it('is the number of unfinished documents where the queue tells none, or cannot be reached', async () => {
    const { admit, queue, catalog, clock } = arrange();
    catalog.unfinished = succeed(MAX_MESSAGES + 1);
    expect(await admit()).toMatchObject({ kind: 'overloaded' });
    queue.backlog = fail(anUpstreamError({ dependency: 'queue' }));
    clock.advance(15_000);
    expect(await admit()).toMatchObject({ kind: 'overloaded' });
    expect(catalog.reads).toBe(2);
  });

  it('that nobody can tell keeps nothing out, nor does one that was told long ago', async () => {
    const { admit, tell, queue, catalog, clock } = arrange();
    tell(MAX_MESSAGES + 1);
    await admit();
    queue.backlog = fail(anUpstreamError({ dependency: 'queue' }));
    catalog.unfinished = fail(anUpstreamError({ dependency: 'catalog' }));
    clock.advance(15_000);
    expect(await admit()).toEqual({ kind: 'admitted' });
  });

  it.each([
    ['as long as the rest takes at the pace it shrinks', 8_000, 1_000, 7_000],
    ['not less than 5 s', MAX_MESSAGES + 1, 1_000, 5_000],
    ['not more than 10 min', 1_000_000, 1, 600_000],
  ])('is waited for %s', async (_, messages, drained, retryAfterMs) => {
    const { admit, memory, clock } = arrange();
    noteBacklog(memory, { messages: messages + drained, oldestAtMs: null }, clock.nowMs());
    clock.advance(drained === 1_000 && messages === 8_000 ? 7_000 / 3 : 1_000);
    noteBacklog(memory, { messages, oldestAtMs: null }, clock.nowMs());
    expect(await admit()).toMatchObject({ kind: 'overloaded', retryAfterMs });
  });
});

describe('while too much waits', () => {
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

  const document = (documentId: string, content = 'Words.') => ({
    namespace: NAMESPACE,
    documentId,
    source: aText(content, 'text/plain'),
    title: null,
    url: null,
    metadata: { year: 2010 },
  });
  const overload = () => {
    const overloaded = { kind: 'overloaded' as const, message: 'Too much.', retryAfterMs: 7_000 };
    world.services.backPressure = { admit: async () => overloaded };
    return { ok: false, error: overloaded };
  };

  it('(peers 8) refuses new documents and changes, keeps nothing of them, and takes them later', async () => {
    await acceptDocument(world.services, document('a'));
    await world.settle();
    const refused = overload();
    expect(await acceptDocument(world.services, document('b'))).toEqual(refused);
    expect(await acceptDocument(world.services, document('a', 'Other words.'))).toEqual(refused);
    const patch = { metadata: { year: 2011 } };
    expect(await changeDocument(world.services, { namespace: NAMESPACE, documentId: 'a' }, patch)).toEqual(refused);
    expect((await storage.DOCUMENTS.list()).objects).toHaveLength(1);
    expect(world.queue.deliveries).toEqual([]);
    world.services.backPressure = { admit: async () => ({ kind: 'admitted' }) };
    expect(await acceptDocument(world.services, document('b'))).toMatchObject({ ok: true });
  });

  it('says of what is here already that it is unchanged', async () => {
    await acceptDocument(world.services, document('a'));
    overload();
    expect(await acceptDocument(world.services, document('a'))).toMatchObject({ value: { outcome: 'unchanged' } });
  });

  it('deletes all the same', async () => {
    for (const id of ['a', 'b']) await acceptDocument(world.services, document(id));
    await world.settle();
    overload();
    expect(await removeDocument(world.services, NAMESPACE, 'a')).toMatchObject({
      value: { state: { state: 'deleting' } },
    });
    const deleted = await deleteMany(world.services, NAMESPACE, { kind: 'ids', ids: ['b'] });
    expect(deleted).toMatchObject({ value: { matched: 1 } });
  });

  it('counts the documents that are not done with, and no more of them than asked', async () => {
    for (const id of ['a', 'b', 'c']) await acceptDocument(world.services, document(id, `Words of ${id}.`));
    const { count } = world.services.catalog.unfinished;
    expect([await count(10, inSeconds(5)), await count(2, inSeconds(5))]).toEqual([succeed(3), succeed(2)]);
    await world.settle();
    expect(await count(10, inSeconds(5))).toEqual(succeed(0));
  });
});
