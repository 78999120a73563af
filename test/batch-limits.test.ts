import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acceptDocument } from '../src/ingest/accept-document.ts';
import { removeDocument } from '../src/ingest/remove-document.ts';
import { expectExactly, NAMESPACE } from './support/ingest-truth.ts';
import { createIngestWorld, type IngestWorld } from './support/ingest-world.ts';
import { aText } from './support/source-builders.ts';
import { emptyStorage, type Storage, startStorage } from './support/storage-under-test.ts';

// Of the platform: documents in a batch (queues/wrangler.toml), and D1's (https://developers.cloudflare.com/d1/platform/limits/).
const BATCH = 100;
const QUERIES_PER_INVOCATION = 1_000;
const PARAMETERS_PER_QUERY = 100;

let storage: Storage;
let close: () => Promise<void>;
let world: IngestWorld;
let asked: { queries: number; mostParameters: number };

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
afterAll(() => close());
beforeEach(async () => {
  await emptyStorage(storage);
  asked = { queries: 0, mostParameters: 0 };
  const counted = { CATALOG_DB: counting(storage.CATALOG_DB), LEXICAL_DB: counting(storage.LEXICAL_DB) };
  world = createIngestWorld({ ...storage, ...counted });
});

/** Each statement of a batch counts. Only what the adapters use of a statement is there. */
function counting(db: D1Database): D1Database {
  const prepare = (sql: string) => ({
    bind(...values: unknown[]) {
      asked.queries += 1;
      asked.mostParameters = Math.max(asked.mostParameters, values.length);
      return db.prepare(sql).bind(...values);
    },
  });
  const batch = (statements: D1PreparedStatement[]) => db.batch(statements);
  return { prepare, batch } as unknown as D1Database;
}

const ids = Array.from({ length: BATCH }, (_, n) => `guide-${n}.md`);
const contents = (word: string) => Object.fromEntries(ids.map((id, n) => [id, `# ${word} ${n}\n\nA text.`]));

async function putAll(word: string) {
  const described = { title: null, url: null, metadata: {} };
  const accepted = Object.entries(contents(word)).map(([documentId, content]) =>
    acceptDocument(world.services, { namespace: NAMESPACE, documentId, source: aText(content), ...described }),
  );
  for (const { ok } of await Promise.all(accepted)) expect(ok).toBe(true);
}

async function deliverOne() {
  asked = { queries: 0, mostParameters: 0 };
  const outcomes = await world.deliver();
  expect(outcomes).toEqual(ids.map(() => ({ kind: 'ack' })));
  return { ...asked };
}

describe('(peers 35) a full batch stays within what D1 answers in one invocation', () => {
  it('of new documents, of updates and of deletes', { timeout: 60_000 }, async () => {
    await putAll('Early');
    const created = await deliverOne();
    await expectExactly(world, storage, contents('Early'));
    await putAll('Late');
    const updated = await deliverOne();
    await expectExactly(world, storage, contents('Late'));
    await Promise.all(ids.map((id) => removeDocument(world.services, NAMESPACE, id)));
    const deleted = await deliverOne();
    await expectExactly(world, storage, {});
    for (const { queries, mostParameters } of [created, updated, deleted]) {
      expect(queries).toBeGreaterThan(0);
      expect(queries).toBeLessThan(QUERIES_PER_INVOCATION);
      expect(mostParameters).toBeLessThanOrEqual(PARAMETERS_PER_QUERY);
    }
  });
});
