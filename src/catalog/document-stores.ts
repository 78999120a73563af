import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { StoreHolding } from './document-record.ts';
import type { Lease } from './leases.ts';

/** The version of a holding when a store was told to forget the document. */
export const FORGOTTEN = 0;

/** The version of a holding when a store was told to forget the versions before this one. */
export function toldToForgetBefore(version: number): number {
  return -version;
}

export interface DocumentStores {
  /** Notes what stores hold of the lease's document. Writes nothing when the lease is lost. */
  note(lease: Lease, holdings: StoreHolding[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

export function createDocumentStores(database: CatalogDatabase): DocumentStores {
  return {
    async note({ namespace, documentId, token }, holdings, deadline) {
      const rows = holdings.map(({ version, store, receipt, confirmed }) => [
        version,
        store,
        receipt,
        confirmed ? 1 : 0,
      ]);
      const note = { sql: NOTE, parameters: [namespace, documentId, token, JSON.stringify(rows)] };
      const noted = await database.batch('note-stores', [note], deadline);
      return noted.ok ? succeed(undefined) : noted;
    },
  };
}

const NOTE = `
  INSERT INTO document_stores (namespace, document_id, version, store, receipt, confirmed)
  SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?4)
  WHERE EXISTS (SELECT 1 FROM documents WHERE namespace = ?1 AND document_id = ?2 AND lease_token = ?3)
  ON CONFLICT (namespace, document_id, version, store) DO UPDATE SET
    receipt = excluded.receipt, confirmed = excluded.confirmed`;
