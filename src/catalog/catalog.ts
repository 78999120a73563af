import type { CatalogDatabase } from './catalog-database.ts';
import { type ChunkLedger, createChunkLedger } from './chunk-ledger.ts';
import { createDeletions, type Deletions } from './deletions.ts';
import { createDocumentStores, type DocumentStores } from './document-stores.ts';
import { createDocuments, type Documents } from './documents.ts';
import { createIngestions, type Ingestions } from './ingestions.ts';
import { createLeases, type Leases } from './leases.ts';
import { createQuotaJudge, type QuotaJudge, type Quotas } from './quotas.ts';
import { createReconciliationSteps, type ReconciliationSteps } from './reconciliation-steps.ts';
import { createReconciliationTruth, type ReconciliationTruth } from './reconciliation-truth.ts';
import { createReconciliations, type Reconciliations } from './reconciliations.ts';
import { createRetries, type Retries } from './retries.ts';
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
  deletions: Deletions;
  quotas: QuotaJudge;
  reconciliations: Reconciliations;
  reconciliationSteps: ReconciliationSteps;
  reconciliationTruth: ReconciliationTruth;
  ingestions: Ingestions;
  retries: Retries;
  sources: Sources;
}

/** `defaultQuotas` are for namespaces that have none of their own. */
export function createCatalog(database: CatalogDatabase, defaultQuotas: Quotas): Catalog {
  return {
    documents: createDocuments(database, defaultQuotas),
    leases: createLeases(database),
    versions: createVersions(database),
    chunkLedger: createChunkLedger(database, defaultQuotas),
    documentStores: createDocumentStores(database),
    unfinished: createUnfinished(database),
    deletions: createDeletions(database),
    quotas: createQuotaJudge(database),
    reconciliations: createReconciliations(database),
    reconciliationSteps: createReconciliationSteps(database),
    reconciliationTruth: createReconciliationTruth(database),
    ingestions: createIngestions(database),
    retries: createRetries(database),
    sources: createSources(database),
  };
}
