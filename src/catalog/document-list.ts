import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { MetadataFilter } from '../retrieval/filters/metadata-filter.ts';
import { toSqlCondition } from '../retrieval/filters/to-sql-condition.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import { type DocumentRecord, documentRow, STATE_NOW, selectRecords } from './document-record.ts';

export interface ListedDocuments {
  state: DocumentRecord['state'] | null;
  /** On the metadata of each document's newest version. */
  filter: MetadataFilter | null;
  idPrefix: string;
  /** Only ids after this one, by their bytes. */
  after: string;
  limit: number;
}

export interface DocumentPage {
  records: DocumentRecord[];
  /** Where the next page begins; `null` at the end of the list. */
  next: string | null;
}

export interface DocumentList {
  /**
   * Documents of a namespace by id. A page looks at a bounded number of documents, whatever is asked for: it may have
   * few, or none, and not be the last.
   */
  page(namespace: string, asked: ListedDocuments, deadline: Deadline): Promise<Result<DocumentPage, UpstreamError>>;
}

/** How many documents one page looks at. */
export const WINDOW = 5_000;

export function createDocumentList(database: CatalogDatabase, window = WINDOW): DocumentList {
  return {
    async page(namespace, { state, filter, idPrefix, after, limit }, deadline) {
      const condition =
        filter === null ? { sql: '?5 IS NULL', operands: null } : toSqlCondition(filter, 'v.metadata', '?5');
      const source = windowOf(state, window);
      const range = [namespace, after, idPrefix];
      const statements = [
        { sql: selectPage(source, condition.sql), parameters: [...range, state, condition.operands, limit + 1] },
        { sql: selectLast(source, window), parameters: range },
      ];
      const read = await database.batch('list-documents', statements, deadline);
      if (!read.ok) return read;
      const found = parseRows(documentRow, read.value[0]);
      const [last] = parseRows(lastRow, read.value[1]);
      const records = found.slice(0, limit);
      const isFull = found.length > limit;
      return succeed({ records, next: isFull ? (records.at(-1)?.documentId ?? null) : (last?.documentId ?? null) });
    },
  };
}

const lastRow = z.object({ documentId: z.string() });

// Its own index keeps the failed ones at hand; the others are what most documents are in now or will be soon.
// No byte of UTF-8 is 0xff: what begins with the prefix, and nothing else, lies between it and it with that byte.
function windowOf(state: DocumentRecord['state'] | null, window: number): string {
  const isFailed = state === 'failed';
  return `
    SELECT * FROM documents ${isFailed ? 'INDEXED BY documents_retriable' : ''}
    WHERE namespace = ?1 AND document_id > ?2 AND document_id >= ?3
      AND document_id < ?3 || CAST(x'ff' AS TEXT)
      ${isFailed ? "AND (state = 'failed' OR next_retry_at_ms IS NOT NULL)" : ''}
    ORDER BY document_id LIMIT ${window}`;
}

function selectPage(source: string, condition: string): string {
  return `${selectRecords(`(${source})`)}
  WHERE (?4 IS NULL OR ${STATE_NOW} = ?4) AND ${condition}
  ORDER BY d.document_id LIMIT ?6`;
}

function selectLast(source: string, window: number): string {
  return `SELECT document_id AS documentId FROM (${source}) ORDER BY document_id LIMIT 1 OFFSET ${window - 1}`;
}
