import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { scheduleReconciliation } from '../src/ingest/reconcile/start-reconciliation.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { type Death, mortal } from './support/crash-after.ts';
import { expectExactly, expectServed, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { interrupted } from './support/interrupted.ts';
import { finishRun, inTime, startRun } from './support/reconcile-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const IDS = ['a.md', 'b.md', 'c.md'];
const TEXTS = ['one', 'two', 'three'].map((word) => `# ${word}\n\nText ${word}.\n\n## More\n\nMore about ${word}.`);
const MOST_CALLS = 200;

// Every second call in the short form.
const STRIDE = process.env.VIGIL_TEST_FULL === '1' ? 1 : 2;

let storage: Storage;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
afterAll(() => close());

async function put(world: IngestWorld, documentId: string, content: string) {
  const described = { title: null, url: null, metadata: {} };
  await acceptDocument(world.services, { namespace: NAMESPACE, documentId, source: aText(content), ...described });
}

const documentId = fc.constantFrom(...IDS);
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), documentId, content: fc.constantFrom(...TEXTS) }),
  fc.record({ kind: fc.constant('remove' as const), documentId }),
  fc.constant({ kind: 'deliver' as const }),
  fc.constant({ kind: 'sweep' as const }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1_000, 20_000) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

it('ingestion that goes on between any two calls of a reconciliation is never taken for a difference', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.nat(5), async (steps, delaySeconds) => {
      await emptyStorage(storage);
      const world = createIngestWorld(storage);
      for (const store of Object.values(world.stores)) store.visibilityDelayMs = delaySeconds * 1_000;
      const truth = new Map<string, string>();
      for (const [n, id] of IDS.entries())
        await carryOut(world, { kind: 'put', documentId: id, content: TEXTS[n] ?? '' }, truth);
      await world.settle();
      world.pass(120_000);
      const id = await startRun(world);
      const waiting = [...steps];
      const services = interrupted(world.services, async () => {
        const next = waiting.shift();
        if (next !== undefined) await carryOut(world, next, truth);
        await expectServed(world, storage);
      });
      const run = await finishRun(world, id, services);
      for (const tally of Object.values(run.tallies)) {
        expect(tally).toMatchObject({ missing: 0, stale: 0, orphaned: 0, repaired: 0, outcome: 'compared' });
      }
      await world.settle();
      await expectExactly(world, storage, Object.fromEntries(truth));
    }),
    { numRuns: 10, seed: 20_260_301 },
  );
}, 240_000);

async function carryOut(world: IngestWorld, step: Step, truth: Map<string, string>): Promise<void> {
  switch (step.kind) {
    case 'put':
      truth.set(step.documentId, step.content);
      return put(world, step.documentId, step.content);
    case 'remove':
      truth.delete(step.documentId);
      await removeDocument(world.services, NAMESPACE, step.documentId);
      return;
    case 'deliver':
      await world.deliver();
      return;
    case 'sweep':
      await sweep(world.services);
      return;
    case 'pass':
      return world.pass(step.ms);
  }
}

it('a worker that dies at any of its calls leaves a run that is finished by others, with the same counts', async () => {
  let death: Death | null = null;
  for (let call = 1; death === null || death.hasCome(); call += STRIDE) {
    expect(call).toBeLessThan(MOST_CALLS);
    await emptyStorage(storage);
    const world = createIngestWorld(storage);
    await put(world, 'a.md', TEXTS[0] ?? '');
    await put(world, 'b.md', TEXTS[1] ?? '');
    await world.settle();
    await spoil(world);
    world.pass(120_000);
    const id = await startRun(world);
    // To die before a call is to die after the one before it.
    const dying = mortal(world.services, { call, moment: 'after' });
    death = dying.death;
    await Promise.allSettled([finishRun(world, id, dying.services)]);
    await death.settled();
    world.pass(600_000);
    world.queue.runs = [];
    await scheduleReconciliation(world.services);
    const run = await finishRun(world, id);
    expect(run.tallies).toMatchObject({
      first: { missing: 1, stale: 0, orphaned: 0, repaired: 1 },
      second: { missing: 0, stale: 1, orphaned: 0, repaired: 1 },
      lexical: { missing: 0, stale: 0, orphaned: 1, repaired: 1 },
      documents: { checked: 2, missing: 0, orphaned: 1, repaired: 1 },
    });
    await world.settle();
    await expectExactly(world, storage, { 'a.md': TEXTS[0] ?? '', 'b.md': TEXTS[1] ?? '' });
  }
}, 240_000);

/** One difference of each kind, each somewhere else. */
async function spoil(world: IngestWorld): Promise<void> {
  const { first, second } = world.stores;
  const [id = '', other = ''] = first.visibleIds();
  await first.delete(NAMESPACE, [id], inTime(world));
  const records = await second.fetch(NAMESPACE, [other], inTime(world));
  const record = records.ok ? records.value.get(other) : undefined;
  if (record === undefined) throw new Error('nothing to spoil');
  const { chunk, values } = record;
  await second.upsert(NAMESPACE, [{ chunk: { ...chunk, title: 'Another' }, values }], inTime(world));
  await world.services.lexicalIndex.put([{ ...chunk, chunkId: 'f'.repeat(40) }], inTime(world));
  await storage.DOCUMENTS.put(`v1/${NAMESPACE}/abc/01`, 'Text.');
}
