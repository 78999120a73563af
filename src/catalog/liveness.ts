import * as z from 'zod';
import { succeed } from '../result.ts';
import type { Liveness } from '../retrieval/liveness.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';

const liveRow = z.object({ documentId: z.string(), liveVersion: z.number().int() });

const SELECT_LIVE = `
  SELECT document_id AS documentId, live_version AS liveVersion
  FROM documents
  WHERE namespace = ?1 AND document_id IN (SELECT value FROM json_each(?2))
    AND live_version > COALESCE((SELECT erased_up_to FROM namespaces WHERE namespace = ?1), 0)`;

/** Liveness as the catalog knows it. */
export function createLiveness(database: CatalogDatabase): Liveness {
  return {
    async liveVersions(namespace, documentIds, deadline) {
      const select = { sql: SELECT_LIVE, parameters: [namespace, JSON.stringify(documentIds)] };
      const read = await database.batch('live-versions', [select], deadline);
      if (!read.ok) return read;
      const rows = parseRows(liveRow, read.value[0]);
      return succeed(new Map(rows.map(({ documentId, liveVersion }) => [documentId, liveVersion])));
    },
  };
}
