import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { DocumentRecord } from './document-record.ts';
import type { Lease } from './leases.ts';

/** What is known of a version only after its source has been read. */
export type ReadSource = Pick<
  DocumentRecord,
  'contentType' | 'contentBytes' | 'contentHash' | 'title' | 'url' | 'metadata'
>;

export interface Sources {
  /** Completes the lease's version; `false`, and nothing written, when the lease is lost. */
  note(lease: Lease, read: ReadSource, deadline: Deadline): Promise<Result<boolean, UpstreamError>>;
}

export function createSources(database: CatalogDatabase): Sources {
  return {
    async note({ namespace, documentId, version, token }, read, deadline) {
      const { contentType, contentBytes, contentHash, title, url, metadata } = read;
      const found = [contentType, contentBytes, contentHash, title, url, JSON.stringify(metadata)];
      const note = { sql: NOTE, parameters: [namespace, documentId, version, token, ...found] };
      const noted = await database.batch('note-source', [note], deadline);
      return noted.ok ? succeed(noted.value[0]?.rows.length === 1) : noted;
    },
  };
}

const NOTE = `
  UPDATE document_versions SET
    content_type = ?5, content_bytes = ?6, content_hash = ?7, title = ?8, url = ?9, metadata = ?10
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3
    AND EXISTS (SELECT 1 FROM documents
                WHERE namespace = ?1 AND document_id = ?2 AND version = ?3 AND lease_token = ?4)
  RETURNING version`;
