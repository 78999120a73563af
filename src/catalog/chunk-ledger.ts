import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import type { Lease } from './leases.ts';
import {
  exceededByChunks,
  type OverQuota,
  overQuotaOf,
  type Quotas,
  quotaParameter,
  usageColumns,
  verdictRow,
} from './quotas.ts';

export interface ChunkLedger {
  /**
   * Enters the ids of a version's chunks, and how these were made, before any store sees them. Writes nothing when the
   * lease is lost, or the namespace would have more chunks than it may.
   */
  enter(
    lease: Lease,
    chunkIds: string[],
    fingerprint: string,
    deadline: Deadline,
  ): Promise<Result<'entered' | OverQuota, UpstreamError>>;
}

export function createChunkLedger(database: CatalogDatabase, defaultQuotas: Quotas): ChunkLedger {
  return {
    async enter({ namespace, documentId, version, token }, chunkIds, fingerprint, deadline) {
      const key = [namespace, documentId, version, token];
      const statements = [
        { sql: COUNT, parameters: [...key, chunkIds.length, quotaParameter(defaultQuotas)] },
        { sql: JUDGE, parameters: [...key, chunkIds.length, quotaParameter(defaultQuotas)] },
        { sql: ENTER, parameters: [...key, JSON.stringify(chunkIds)] },
        { sql: NOTE_FINGERPRINT, parameters: [...key, fingerprint] },
        { sql: FORGET_FORGETTING, parameters: [namespace, documentId, token] },
      ];
      const entered = await database.batch('enter-chunks', statements, deadline);
      if (!entered.ok) return entered;
      const [verdict] = parseRows(verdictRow, entered.value[1]);
      return succeed((verdict && overQuotaOf(verdict)) ?? 'entered');
    },
  };
}

const IS_HELD = `
  EXISTS (SELECT 1 FROM documents d
          WHERE d.namespace = ?1 AND d.document_id = ?2 AND d.version = ?3 AND d.lease_token = ?4)`;

// Once a version: entering the same chunks again changes nothing, whatever the quota has become.
const COUNT = `
  UPDATE document_versions SET chunk_count = ?5
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3 AND chunk_count IS NULL AND ${IS_HELD}
    AND (SELECT ${exceededByChunks('?5', '?6')} FROM namespaces n WHERE n.namespace = ?1) IS NULL`;

const JUDGE = `
  SELECT ${exceededByChunks('?5', '?6')} AS quota, ${usageColumns('?6')}
  FROM namespaces n
  JOIN document_versions v ON v.namespace = n.namespace
  WHERE n.namespace = ?1 AND v.document_id = ?2 AND v.version = ?3 AND v.chunk_count IS NULL`;

const ENTER = `
  INSERT INTO chunks (namespace, document_id, version, n, chunk_id)
  SELECT ?1, ?2, ?3, key, value FROM json_each(?5)
  WHERE ${IS_HELD}
    AND EXISTS (SELECT 1 FROM document_versions v
                WHERE v.namespace = ?1 AND v.document_id = ?2 AND v.version = ?3 AND v.chunk_count IS NOT NULL)
  ON CONFLICT DO NOTHING`;

const NOTE_FINGERPRINT = `
  UPDATE document_versions SET fingerprint = ?5
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3
    AND chunk_count IS NOT NULL AND ${IS_HELD}`;

// A document put again while it was being deleted: the stores are about to hold something once more.
const FORGET_FORGETTING = `
  DELETE FROM document_stores
  WHERE namespace = ?1 AND document_id = ?2 AND version = 0
    AND EXISTS (SELECT 1 FROM documents WHERE namespace = ?1 AND document_id = ?2 AND lease_token = ?3)`;
