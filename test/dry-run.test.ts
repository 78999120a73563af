import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import type { DocumentSource } from '../src/ingest/document-source.ts';
import { type PlanServices, planIngestion } from '../src/ingest/plan-ingestion.ts';
import { NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, FINGERPRINT, type IngestWorld } from './support/ingest-world.ts';
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
  const { embedder, settings } = world.services;
  services = {
    ...world.services,
    turn: { takenUntilMs: 0 },
    settings: {
      ...settings,
      model: { ...embedder.model, name: '@cf/baai/bge-m3' },
      storeNames: ['vectorize', 'upstash'],
      fingerprint: FINGERPRINT,
      planDeadlineMs: 10_000,
    },
  };
});

function document(source: DocumentSource, documentId = 'guide.md') {
  return { namespace: NAMESPACE, documentId, source, title: null, url: null, metadata: {} };
}

async function plan(source: DocumentSource, documentId?: string) {
  const planned = await planIngestion(services, document(source, documentId));
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  return planned.value;
}

async function ingest(content: string) {
  const accepted = await acceptDocument(world.services, document(aText(content)));
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
