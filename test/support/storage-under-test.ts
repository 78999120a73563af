import { join } from 'node:path';
import { createTestHarness } from 'wrangler';

const root = join(import.meta.dirname, '../..');

export interface Storage {
  CATALOG_DB: D1Database;
  LEXICAL_DB: D1Database;
  DOCUMENTS: R2Bucket;
}

/** Back to how it was after the migrations. */
export async function emptyStorage({ CATALOG_DB, LEXICAL_DB, DOCUMENTS }: Storage): Promise<void> {
  const tables = [
    'retired_versions',
    'deletions',
    'namespaces',
    'documents',
    'document_versions',
    'chunks',
    'removed_chunks',
    'reconciliations',
    'reconciliation_findings',
    'document_stores',
    'vector_stores',
    'ingestions',
    'ingestion_items',
  ];
  await CATALOG_DB.batch(tables.map((table) => CATALOG_DB.prepare(`DELETE FROM ${table}`)));
  await LEXICAL_DB.prepare('DELETE FROM passages').run();
  const { objects } = await DOCUMENTS.list();
  if (objects.length > 0) await DOCUMENTS.delete(objects.map(({ key }) => key));
}

/** Real D1 and R2, migrated and empty, for code under test that runs in Node. */
export async function startStorage(): Promise<{ storage: Storage; close(): Promise<void> }> {
  const harness = createTestHarness({
    root,
    workers: [
      {
        config: {
          name: 'storage',
          main: 'test/support/storage.worker.ts',
          compatibility_date: '2026-10-20',
          d1_databases: [
            {
              binding: 'CATALOG_DB',
              database_name: 'catalog',
              database_id: 'catalog',
              migrations_dir: 'migrations/catalog',
            },
            {
              binding: 'LEXICAL_DB',
              database_name: 'lexical',
              database_id: 'lexical',
              migrations_dir: 'migrations/lexical',
            },
          ],
          r2_buckets: [{ binding: 'DOCUMENTS', bucket_name: 'documents' }],
        },
      },
    ],
  });
  await harness.listen();
  const worker = harness.getWorker<Storage>('storage');
  await worker.applyD1Migrations('CATALOG_DB');
  await worker.applyD1Migrations('LEXICAL_DB');
  return { storage: await worker.getEnv(), close: () => harness.close() };
}
