import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';

const textRow = z.object({ documentId: z.string(), textHash: z.string().nullable(), chunkId: z.string() });

export interface AskedVersion {
  documentId: string;
  version: number;
}

// One statement blocks the database: thousands of rows at once would be felt by questions.
const ROWS_PER_STATEMENT = 1_000;

/**
 * Gives `take` every chunk of those versions whose chunks were made in this way; at most so many versions as rows fit
 * into a statement, of documents whose ids differ. The fewer versions are left, the more of each a statement reads.
 */
export async function readTexts(
  database: CatalogDatabase,
  namespace: string,
  versions: AskedVersion[],
  fingerprint: string,
  deadline: Deadline,
  take: (chunk: z.infer<typeof textRow>) => void,
): Promise<Result<void, UpstreamError>> {
  let left = versions;
  for (let from = 0; left.length > 0; ) {
    const to = from + Math.floor(ROWS_PER_STATEMENT / left.length);
    const parameters = [namespace, JSON.stringify(left), fingerprint, from, to];
    const read = await database.batch('read-texts', [{ sql: SELECT_TEXTS, parameters }], deadline);
    if (!read.ok) return read;
    const rows = parseRows(textRow, read.value[0]);
    for (const row of rows) take(row);
    const byDocument = Map.groupBy(rows, ({ documentId }) => documentId);
    // Chunks are numbered without gaps.
    const full = to - from;
    left = left.filter(({ documentId }) => byDocument.get(documentId)?.length === full);
    from = to;
  }
  return succeed(undefined);
}

// The joins’ order is the one written: look-ups of each document, not a scan of the namespace.
export const SELECT_TEXTS = `
  SELECT c.document_id AS documentId, c.text_hash AS textHash, c.chunk_id AS chunkId
  FROM json_each(?2) AS asked
  CROSS JOIN document_versions v ON v.namespace = ?1 AND v.document_id = asked.value ->> 'documentId'
    AND v.version = asked.value ->> 'version' AND v.fingerprint = ?3
  CROSS JOIN chunks c ON c.namespace = v.namespace AND c.document_id = v.document_id AND c.version = v.version
    AND c.n >= ?4 AND c.n < ?5`;
