import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { Lease } from './leases.ts';

export interface ChunkLedger {
  /**
   * Enters the ids of a version's chunks, and how these were made, before any store sees them. Writes nothing when the
   * lease is lost.
   */
  enter(
    lease: Lease,
    chunkIds: string[],
    fingerprint: string,
    deadline: Deadline,
  ): Promise<Result<void, UpstreamError>>;
}

export function createChunkLedger(database: CatalogDatabase): ChunkLedger {
  return {
    async enter({ namespace, documentId, version, token }, chunkIds, fingerprint, deadline) {
      const key = [namespace, documentId, version, token];
      const statements = [
        { sql: ENTER, parameters: [...key, JSON.stringify(chunkIds)] },
        { sql: NOTE_FINGERPRINT, parameters: [...key, fingerprint] },
        { sql: FORGET_FORGETTING, parameters: [namespace, documentId, token] },
      ];
      const entered = await database.batch('enter-chunks', statements, deadline);
      return entered.ok ? succeed(undefined) : entered;
    },
  };
}

const ENTER = `
  INSERT INTO chunks (namespace, document_id, version, n, chunk_id)
  SELECT ?1, ?2, ?3, key, value FROM json_each(?5)
  WHERE EXISTS (SELECT 1 FROM documents
                WHERE namespace = ?1 AND document_id = ?2 AND version = ?3 AND lease_token = ?4)
  ON CONFLICT DO NOTHING`;

const NOTE_FINGERPRINT = `
  UPDATE document_versions SET fingerprint = ?5
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3
    AND EXISTS (SELECT 1 FROM documents
                WHERE namespace = ?1 AND document_id = ?2 AND version = ?3 AND lease_token = ?4)`;

// A document put again while it was being deleted: the stores are about to hold something once more.
const FORGET_FORGETTING = `
  DELETE FROM document_stores
  WHERE namespace = ?1 AND document_id = ?2 AND version = 0
    AND EXISTS (SELECT 1 FROM documents WHERE namespace = ?1 AND document_id = ?2 AND lease_token = ?3)`;
