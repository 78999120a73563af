import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { StoreHolding } from './document-record.ts';
import type { Lease } from './leases.ts';

/** The version of a holding when a store was told to forget the document. */
export const FORGOTTEN = 0;

export interface HeldByStores {
  lease: Lease;
  holdings: StoreHolding[];
}

/** The version of a holding when a store was told to forget the versions before this one. */
export function toldToForgetBefore(version: number): number {
  return -version;
}

export interface DocumentStores {
  /** Notes what stores hold of the leases' documents. Writes nothing where the lease is lost. */
  note(held: HeldByStores[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

export function createDocumentStores(database: CatalogDatabase): DocumentStores {
  return {
    async note(held, deadline) {
      const rows = held.flatMap(({ lease: { namespace, documentId, token }, holdings }) =>
        holdings.map(({ version, store, receipt, confirmed }) => [
          ...[namespace, documentId, token],
          ...[version, store, receipt, confirmed ? 1 : 0],
        ]),
      );
      if (rows.length === 0) return succeed(undefined);
      const note = { sql: NOTE, parameters: [JSON.stringify(rows)] };
      const noted = await database.batch('note-stores', [note], deadline);
      return noted.ok ? succeed(undefined) : noted;
    },
  };
}

const NOTE = `
  INSERT INTO document_stores (namespace, document_id, version, store, receipt, confirmed)
  SELECT d.namespace, d.document_id, held.value ->> 3, held.value ->> 4, held.value ->> 5, held.value ->> 6
  FROM json_each(?1) AS held
  JOIN documents d ON d.namespace = held.value ->> 0 AND d.document_id = held.value ->> 1
    AND d.lease_token = held.value ->> 2
  WHERE true
  ON CONFLICT (namespace, document_id, version, store) DO UPDATE SET
    receipt = excluded.receipt, confirmed = excluded.confirmed`;
