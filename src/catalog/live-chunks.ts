import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';

const chunkRow = z.object({ n: z.number().int(), chunkId: z.string() });
const versionRow = z.object({ version: z.number().int().nullable() });

export interface LiveChunkPage {
  /** `null` while no version is live. */
  version: number | null;
  chunks: z.infer<typeof chunkRow>[];
}

export interface LiveChunks {
  /** The chunks after position `after` of the version that answers come from. `null` when there is no such document. */
  page(
    namespace: string,
    documentId: string,
    asked: { after: number; limit: number },
    deadline: Deadline,
  ): Promise<Result<LiveChunkPage | null, UpstreamError>>;
}

export function createLiveChunks(database: CatalogDatabase): LiveChunks {
  return {
    async page(namespace, documentId, { after, limit }, deadline) {
      const statements = [
        { sql: SELECT_VERSION, parameters: [namespace, documentId] },
        { sql: SELECT_CHUNKS, parameters: [namespace, documentId, after, limit] },
      ];
      const read = await database.batch('live-chunks', statements, deadline);
      if (!read.ok) return read;
      const [document] = parseRows(versionRow, read.value[0]);
      if (document === undefined) return succeed(null);
      return succeed({ version: document.version, chunks: parseRows(chunkRow, read.value[1]) });
    },
  };
}

const SELECT_VERSION = `
  SELECT CASE WHEN d.live_version > n.erased_up_to THEN d.live_version END AS version
  FROM documents d JOIN namespaces n ON n.namespace = d.namespace
  WHERE d.namespace = ?1 AND d.document_id = ?2`;

const SELECT_CHUNKS = `
  SELECT c.n, c.chunk_id AS chunkId
  FROM documents d
  JOIN namespaces n ON n.namespace = d.namespace AND n.erased_up_to < d.live_version
  JOIN chunks c ON c.namespace = d.namespace AND c.document_id = d.document_id AND c.version = d.live_version
  WHERE d.namespace = ?1 AND d.document_id = ?2 AND c.n > ?3
    AND d.live_version > (SELECT erased_up_to FROM namespaces WHERE namespace = ?1)
  ORDER BY c.n LIMIT ?4`;
