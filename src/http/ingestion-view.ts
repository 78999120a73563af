import * as z from 'zod';
import { type IngestionPage, ITEM_STATES } from '../catalog/ingestions.ts';
import { INGESTION_KEPT_MS } from '../ingest/forget-ingestions.ts';
import { documentPath } from './document-view.ts';

const count = z.number().int();

/** An ingestion on the wire. */
export const ingestionSchema = z
  .object({
    id: z.string(),
    namespace: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().meta({ description: 'From then on only the documents themselves can be asked for.' }),
    isDone: z.boolean().meta({ description: 'Nothing of it is queued or processing.' }),
    total: count,
    counts: z.object({
      queued: count,
      processing: count,
      ready: count,
      failed: count,
      superseded: count.meta({ description: 'A newer version has taken their place.' }),
      deleted: count,
      refused: count.meta({ description: 'They were never accepted.' }),
    }),
    items: z.array(
      z.object({
        index: count,
        id: z.string().nullable(),
        version: count.nullable(),
        outcome: z.enum(['created', 'updated', 'unchanged']).nullable(),
        state: z.enum(ITEM_STATES),
        code: z.string().nullable().meta({ description: 'Why it was refused, or has failed.' }),
        statusUrl: z.string().nullable(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'Ingestion' });

/** The address of an ingestion: what `Location` and `statusUrl` say. */
export function ingestionPath(namespace: string, id: string): string {
  return `/v1/namespaces/${namespace}/ingestions/${id}`;
}

export function viewIngestion(
  { namespace, id, nextCursor }: { namespace: string; id: string; nextCursor: string | null },
  { total, createdAtMs, counts, items }: IngestionPage,
  origin: string,
): z.infer<typeof ingestionSchema> {
  const of = (state: (typeof ITEM_STATES)[number]) => counts.get(state) ?? 0;
  return {
    id,
    namespace,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: new Date(createdAtMs + INGESTION_KEPT_MS).toISOString(),
    isDone: of('queued') + of('processing') === 0,
    total,
    counts: {
      queued: of('queued'),
      processing: of('processing'),
      ready: of('ready'),
      failed: of('failed'),
      superseded: of('superseded'),
      deleted: of('deleted'),
      refused: of('refused'),
    },
    items: items.map(({ n, documentId, version, outcome, state, code }) => ({
      index: n,
      id: documentId,
      version,
      outcome,
      state,
      code,
      statusUrl: documentId === null || version === null ? null : `${origin}${documentPath(namespace, documentId)}`,
    })),
    nextCursor,
  };
}
