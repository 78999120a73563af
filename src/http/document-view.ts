import * as z from 'zod';
import type { DocumentFailure, DocumentStatus } from '../catalog/document-status.ts';
import { UNREAD_TYPE } from '../ingest/media-types.ts';

/** A document on the wire. */
export const documentSchema = z
  .object({
    id: z.string(),
    namespace: z.string(),
    state: z.enum(['queued', 'processing', 'ready', 'failed', 'deleting']),
    processing: z
      .object({
        stage: z.enum(['converting', 'chunking', 'embedding', 'indexing']),
        done: z.number().int(),
        total: z.number().int(),
      })
      .nullable(),
    failed: z
      .object({
        code: z.string(),
        message: z.string(),
        attempts: z.number().int(),
        nextRetryAt: z.iso.datetime().nullable(),
      })
      .nullable()
      .meta({ description: 'The last failure; nextRetryAt says when it is tried again.' }),
    outcome: z
      .enum(['created', 'updated', 'unchanged'])
      .nullable()
      .meta({ description: 'Set in the answer to a PUT.' }),
    duplicateOf: z
      .string()
      .nullable()
      .meta({ description: 'Another document here with the same content; only informs.' }),
    version: z.number().int().meta({ description: 'Grows with every accepted change: epoch milliseconds.' }),
    liveVersion: z.number().int().nullable().meta({ description: 'The version that answers come from now.' }),
    stores: z.record(z.string(), z.enum(['current', 'behind'])),
    title: z.string().nullable(),
    url: z.string().nullable(),
    contentType: z.string().nullable().meta({ description: 'Absent until `sourceUrl` has been read.' }),
    contentBytes: z.number().int(),
    sourceUrl: z.string().nullable(),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    statusUrl: z.string(),
  })
  .meta({ id: 'Document' });

export type DocumentView = z.infer<typeof documentSchema>;

/** The address of a document: what `Location` and `statusUrl` say. */
export function documentPath(namespace: string, documentId: string): string {
  return `/v1/namespaces/${namespace}/documents/${encodeURIComponent(documentId)}`;
}

export function viewDocument(
  status: DocumentStatus,
  origin: string,
  acceptance: { outcome: 'created' | 'updated' | 'unchanged'; duplicateOf: string | null } | null = null,
): DocumentView {
  const { state, lastFailure } = status;
  return {
    id: status.documentId,
    namespace: status.namespace,
    state: state.state,
    processing: state.state === 'processing' ? { stage: state.stage, done: state.done, total: state.total } : null,
    failed: lastFailure === null ? null : viewFailure(lastFailure),
    outcome: acceptance?.outcome ?? null,
    duplicateOf: acceptance?.duplicateOf ?? null,
    version: status.version,
    liveVersion: status.liveVersion,
    stores: status.stores,
    title: status.title,
    url: status.url,
    contentType: status.contentType === UNREAD_TYPE ? null : status.contentType,
    contentBytes: status.contentBytes,
    sourceUrl: status.sourceUrl,
    metadata: status.metadata,
    createdAt: new Date(status.createdAtMs).toISOString(),
    updatedAt: new Date(status.updatedAtMs).toISOString(),
    statusUrl: `${origin}${documentPath(status.namespace, status.documentId)}`,
  };
}

function viewFailure({ code, message, attempts, nextRetryAtMs }: DocumentFailure) {
  return {
    code,
    message,
    attempts,
    nextRetryAt: nextRetryAtMs === null ? null : new Date(nextRetryAtMs).toISOString(),
  };
}
