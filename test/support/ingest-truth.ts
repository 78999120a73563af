import { expect } from 'vitest';
import { chunkDocument } from '../../src/ingest/chunk-document.ts';
import { chunkIdOf } from '../../src/ingest/chunk-id.ts';
import { chunkLimitsFor } from '../../src/ingest/chunk-size.ts';
import { embeddedText } from '../../src/ingest/embedded-text.ts';
import { deadlineIn } from '../../src/resilience/deadline.ts';
import { type IngestWorld, vectorOf } from './ingest-world.ts';
import type { Storage } from './storage-under-test.ts';

export const NAMESPACE = 'docs';

/** Everything there is about documents, in one comparable value. */
async function readEverything(world: IngestWorld, { CATALOG_DB, LEXICAL_DB, DOCUMENTS }: Storage) {
  const rows = async (db: D1Database, sql: string) => (await db.prepare(sql).all<Record<string, unknown>>()).results;
  return {
    documents: await rows(
      CATALOG_DB,
      `SELECT document_id AS id, state, version = live_version AS isLive, lease_token AS lease, next_retry_at_ms AS retry
       FROM documents ORDER BY 1`,
    ),
    versions: await rows(CATALOG_DB, 'SELECT document_id AS id, version FROM document_versions ORDER BY 1, 2'),
    holdings: await rows(CATALOG_DB, 'SELECT document_id AS id, store, confirmed FROM document_stores ORDER BY 1, 2'),
    ledger: (await rows(CATALOG_DB, 'SELECT chunk_id AS id FROM chunks ORDER BY 1')).map(({ id }) => id),
    lexical: (await rows(LEXICAL_DB, 'SELECT chunk_id AS id FROM passages ORDER BY 1')).map(({ id }) => id),
    first: world.stores.first.visibleIds(),
    second: world.stores.second.visibleIds(),
    objects: (await DOCUMENTS.list()).objects.map(({ key }) => key).sort(),
  };
}

/** Exactly these documents are ready, each chunk once in every store, and nothing else is left anywhere. */
export async function expectExactly(world: IngestWorld, storage: Storage, contents: Record<string, string>) {
  const ids = Object.keys(contents).sort();
  const found = await readEverything(world, storage);
  const { CATALOG_DB } = storage;
  const { results: keys } = await CATALOG_DB.prepare('SELECT object_key AS key FROM document_versions').all<{
    key: string;
  }>();
  const chunkIds: string[] = [];
  for (const { id, version } of found.versions) {
    chunkIds.push(...(await chunkIdsOf(world, String(id), Number(version), contents[String(id)] ?? '')));
  }
  chunkIds.sort();
  expect(found).toEqual({
    documents: ids.map((id) => ({ id, state: 'ready', isLive: 1, lease: null, retry: null })),
    versions: ids.map((id) => ({ id, version: expect.any(Number) })),
    holdings: ids.flatMap((id) => ['first', 'lexical', 'second'].map((store) => ({ id, store, confirmed: 1 }))),
    ledger: chunkIds,
    lexical: chunkIds,
    first: chunkIds,
    second: chunkIds,
    objects: keys.map(({ key }) => key).sort(),
  });
  await expectRightRecords(world, chunkIds);
}

/** Every store holds, for each chunk, the vector of what the model is given for it. */
async function expectRightRecords(world: IngestWorld, chunkIds: string[]) {
  const { embedder, clock } = world.services;
  for (const store of world.services.stores) {
    for (let at = 0; at < chunkIds.length; at += store.maxFetch) {
      const ids = chunkIds.slice(at, at + store.maxFetch);
      const fetched = await store.fetch(NAMESPACE, ids, deadlineIn(clock, 10_000));
      if (!fetched.ok) throw new Error(fetched.error.message);
      for (const { chunk, values } of fetched.value.values()) {
        expect([chunk.chunkId, values]).toEqual([chunk.chunkId, vectorOf(embeddedText(chunk, embedder.model))]);
      }
    }
  }
}

/** Whatever version answers come from is whole in the lexical index and in at least one vector store. */
export async function expectServed(world: IngestWorld, { CATALOG_DB, LEXICAL_DB }: Storage) {
  const live = `SELECT c.chunk_id AS id FROM chunks c JOIN documents d ON d.namespace = c.namespace
                AND d.document_id = c.document_id AND d.live_version = c.version`;
  const { results } = await CATALOG_DB.prepare(live).all<{ id: string }>();
  const { results: passages } = await LEXICAL_DB.prepare('SELECT chunk_id AS id FROM passages').all<{ id: string }>();
  const holds = (ids: string[]) => results.every(({ id }) => ids.includes(id));
  expect(holds(passages.map(({ id }) => id))).toBe(true);
  expect([world.stores.first, world.stores.second].some((store) => holds(store.visibleIds()))).toBe(true);
  return results.length;
}

function chunkIdsOf(world: IngestWorld, documentId: string, version: number, content: string): Promise<string[]> {
  const limits = chunkLimitsFor(world.services.embedder.model);
  const chunks = [...chunkDocument(content, 'text/markdown', limits)].flatMap((stretch) => stretch.chunks);
  return Promise.all(chunks.map((_, n) => chunkIdOf(NAMESPACE, documentId, version, n)));
}
