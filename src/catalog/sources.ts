import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import type { DocumentRecord } from './document-record.ts';
import type { Lease } from './leases.ts';
import { type OverQuota, overQuotaOf, USAGE, verdictRow } from './quotas.ts';

/** What is known of a version only after its source has been read. */
export type ReadSource = Pick<
  DocumentRecord,
  'contentType' | 'contentBytes' | 'contentHash' | 'title' | 'url' | 'metadata'
>;

export interface Sources {
  /** Completes the lease's version. Writes nothing when the lease is `lost`, or its namespace would hold too many bytes. */
  note(
    lease: Lease,
    read: ReadSource,
    deadline: Deadline,
  ): Promise<Result<'noted' | 'lost' | OverQuota, UpstreamError>>;
}

export function createSources(database: CatalogDatabase): Sources {
  return {
    async note({ namespace, documentId, version, token }, read, deadline) {
      const { contentType, contentBytes, contentHash, title, url, metadata } = read;
      const found = [contentType, contentBytes, contentHash, title, url, JSON.stringify(metadata)];
      const note = { sql: NOTE, parameters: [namespace, documentId, version, token, ...found] };
      const key = [namespace, documentId, version, token];
      const refused = { sql: SELECT_REFUSED, parameters: [...key, contentBytes] };
      const noted = await database.batch('note-source', [note, refused], deadline);
      if (!noted.ok) return noted;
      if (noted.value[0]?.rows.length === 1) return succeed('noted');
      const [verdict] = parseRows(verdictRow, noted.value[1]);
      return succeed((verdict && overQuotaOf(verdict)) ?? 'lost');
    },
  };
}

const IS_HELD = `
  EXISTS (SELECT 1 FROM documents d
          WHERE d.namespace = ?1 AND d.document_id = ?2 AND d.version = ?3 AND d.lease_token = ?4)`;

// A trigger leaves out what does not fit (migration 0009).
const NOTE = `
  UPDATE document_versions SET
    content_type = ?5, content_bytes = ?6, content_hash = ?7, title = ?8, url = ?9, metadata = ?10
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3
    AND ${IS_HELD}
  RETURNING version`;

const SELECT_REFUSED = `
  SELECT 'bytes' AS quota, ${USAGE}
  FROM document_versions v
  JOIN namespaces n ON n.namespace = v.namespace
  WHERE v.namespace = ?1 AND v.document_id = ?2 AND v.version = ?3 AND v.content_bytes <> ?5 AND ${IS_HELD}`;
