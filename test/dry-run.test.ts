import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import type { DocumentSource } from '../src/ingest/document-source.ts';
import { type PlanServices, planIngestion } from '../src/ingest/plan-ingestion.ts';
import { planMany } from '../src/ingest/plan-many.ts';
import { deadlineIn } from '../src/resilience/deadline.ts';
import { NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { planServicesOf } from './support/plan-services.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

const section = (n: number) => `## Part ${n}\n\nWhat part ${n} has to say.`;
const GUIDE = `# Guide\n\n${Array.from({ length: 12 }, (_, n) => section(n)).join('\n\n')}`;

let storage: Storage;
let close: () => Promise<void>;
let world: IngestWorld;
let services: PlanServices;

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
afterAll(() => close());
beforeEach(async () => {
  await emptyStorage(storage);
  world = createIngestWorld(storage);
  services = planServicesOf(world);
});

function document(source: DocumentSource, documentId = 'guide.md') {
  return { namespace: NAMESPACE, documentId, source, title: null, url: null, metadata: {} };
}

async function plan(source: DocumentSource, documentId?: string) {
  const planned = await planIngestion(services, document(source, documentId));
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  return planned.value;
}

async function ingest(content: string, documentId?: string) {
  const accepted = await acceptDocument(world.services, document(aText(content), documentId));
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
  await world.settle();
}

async function everything() {
  const rows = await storage.CATALOG_DB.prepare('SELECT count(*) AS n FROM documents').first<{ n: number }>();
  const { objects } = await storage.DOCUMENTS.list();
  return { documents: rows?.n, objects: objects.length, messages: world.queue.deliveries.length };
}

describe('(peers 19) a dry run', () => {
  it('of a new document says its passages, tokens and price, and does nothing', async () => {
    const before = await everything();
    const planned = await plan(aText(GUIDE));
    expect(planned).toMatchObject({ outcome: 'created', duplicateOf: null, title: 'Guide', chunks: { unchanged: 0 } });
    expect(planned.tokens.toEmbed).toBe(planned.tokens.total);
    const price = (planned.tokens.total * 0.012) / 1e6 + (planned.chunks.total * 0.4) / 1e5;
    expect(planned.costUsd).toBeCloseTo(price, 9);
    expect([await everything(), world.embedder.calls]).toEqual([before, []]);
  });

  it('says what the ingestion then does', async () => {
    const planned = await plan(aText(GUIDE));
    await ingest(GUIDE);
    expect(world.embedder.calls.flat()).toHaveLength(planned.chunks.total);
  });

  it('of a change counts only what is embedded again', async () => {
    await ingest(GUIDE);
    world.embedder.calls.length = 0;
    const edited = GUIDE.replace(section(3), '## Part 3\n\nRewritten.');
    const planned = await plan(aText(edited));
    expect(planned).toMatchObject({ outcome: 'updated' });
    await ingest(edited);
    expect(planned.chunks.total - planned.chunks.unchanged).toBe(world.embedder.calls.flat().length);
  });

  it('of what is there already costs nothing', async () => {
    await ingest(GUIDE);
    expect(await plan(aText(GUIDE))).toMatchObject({ outcome: 'unchanged', tokens: { toEmbed: 0 }, costUsd: 0 });
    expect(await plan(aText(GUIDE), 'copy.md')).toMatchObject({ outcome: 'created', duplicateOf: 'guide.md' });
  });

  it('reads a page as the ingestion would', async () => {
    const page =
      '<html><head><title>Harbour</title></head><body><main><h1>Tides</h1><p>High at noon.</p></main></body></html>';
    expect(await plan(aText(page, 'text/html'), 'page.html')).toMatchObject({ title: 'Harbour', chunks: { total: 1 } });
  });

  it('says what an ingestion would fail with', async () => {
    const empty = await planIngestion(services, document(aText('***')));
    expect(empty).toMatchObject({ ok: false, error: { code: 'DOCUMENT_EMPTY' } });
    const forbidden = await planIngestion(services, document({ kind: 'url', sourceUrl: 'http://127.0.0.1:1/' }));
    expect(forbidden).toMatchObject({ ok: false, error: { code: 'SOURCE_FORBIDDEN', class: 'permanent' } });
  });
});

describe('a dry run of many', () => {
  const sections = (count: number) => Array.from({ length: count }, (_, n) => section(n)).join('\n\n');

  async function* itemsOf(contents: Record<string, string>, betweenMs = 0) {
    for (const [index, [documentId, content]] of Object.entries(contents).entries()) {
      world.pass(betweenMs);
      yield { index, input: document(aText(content), documentId) };
    }
  }

  const planAll = (contents: Record<string, string>, betweenMs?: number) =>
    planMany(services, itemsOf(contents, betweenMs), {
      namespace: NAMESPACE,
      deadline: deadlineIn(services.clock, 60_000),
    });

  it('says of each what one of it alone says', { timeout: 60_000 }, async () => {
    await ingest(GUIDE);
    // More passages than a statement reads of each of three documents.
    await ingest(sections(350), 'long.md');
    await ingest(sections(20), 'short.md');
    const contents = {
      'guide.md': GUIDE,
      'long.md': sections(350).replace('part 345 has', 'part 345 had'),
      'short.md': sections(21),
      'copy.md': GUIDE,
      'empty.md': '***',
      ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`new ${n}.md`, section(n)])),
    };
    const planned = await planAll(contents);
    expect([...planned.keys()].sort((a, b) => a - b)).toEqual(Object.keys(contents).map((_, n) => n));
    for (const [index, [documentId, content]] of Object.entries(contents).entries()) {
      expect(planned.get(index)).toEqual(await planIngestion(services, document(aText(content), documentId)));
    }
    expect(planned.get(1)).toMatchObject({ value: { outcome: 'updated', chunks: { total: 350, unchanged: 349 } } });
    expect(planned.get(2)).toMatchObject({ value: { chunks: { total: 21, unchanged: 20 } } });
  });

  it('says of which it could not be said, and goes on with the others', async () => {
    const { documents } = services.catalog;
    const error = {
      dependency: 'catalog',
      operation: 'look-up',
      class: 'transient',
      code: 'X',
      message: 'down',
      retryAfterMs: 700,
    } as const;
    let calls = 0;
    services.catalog = {
      ...services.catalog,
      documents: {
        ...documents,
        async lookUpMany(...asked) {
          calls += 1;
          return calls === 2 ? { ok: false, error } : documents.lookUpMany(...asked);
        },
      },
    };
    const contents = Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`d${n}`, `Text ${n}.`]));
    const planned = [...(await planAll(contents)).values()];
    expect(planned.filter(({ ok }) => ok)).toHaveLength(48);
    expect(planned.filter((each) => !each.ok && each.error === error)).toHaveLength(32);
  });

  it('says which were not reached in time', async () => {
    const contents = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`d${n}`, `Text ${n}.`]));
    const planned = await planAll(contents, 10_000);
    expect([...planned.values()].filter(({ ok }) => ok)).toHaveLength(5);
    expect(planned.get(9)).toEqual({ ok: false, error: 'unreached' });
  });
});
