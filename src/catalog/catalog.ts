import type { CatalogDatabase } from './catalog-database.ts';
import { type ChunkLedger, createChunkLedger } from './chunk-ledger.ts';
import { createDocumentStores, type DocumentStores } from './document-stores.ts';
import { createDocuments, type Documents } from './documents.ts';
import { createLeases, type Leases } from './leases.ts';
import { createSources, type Sources } from './sources.ts';
import { createUnfinished, type Unfinished } from './unfinished.ts';
import { createVersions, type Versions } from './versions.ts';

/** The write path's view of the catalog. */
export interface Catalog {
  documents: Documents;
  leases: Leases;
  versions: Versions;
  chunkLedger: ChunkLedger;
  documentStores: DocumentStores;
  unfinished: Unfinished;
  sources: Sources;
}

export function createCatalog(database: CatalogDatabase): Catalog {
  return {
    documents: createDocuments(database),
    leases: createLeases(database),
    versions: createVersions(database),
    chunkLedger: createChunkLedger(database),
    documentStores: createDocumentStores(database),
    unfinished: createUnfinished(database),
    sources: createSources(database),
  };
}
