import * as z from 'zod';
import type { NamespaceRecord } from '../catalog/namespaces.ts';

const count = z.number().int();
const quota = count.nullable();

/** A namespace on the wire. */
export const namespaceSchema = z
  .object({
    namespace: z.string(),
    state: z.enum(['active', 'deleting']),
    documents: z
      .object({ total: count, queued: count, processing: count, ready: count, failed: count, deleting: count })
      .meta({ description: 'Those being deleted count until nothing is left of them anywhere.' }),
    chunks: count.meta({ description: 'Passages, of versions about to be replaced too.' }),
    bytes: count.meta({ description: 'Of the documents’ contents, of versions about to be replaced too.' }),
    quotas: z
      .object({ documents: quota, chunks: quota, bytes: quota })
      .meta({ description: 'What holds here; `null` is no limit.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Namespace' });

export const namespaceListSchema = z
  .object({
    namespaces: z.array(namespaceSchema),
    nextCursor: z.string().nullable().meta({ description: 'For the next page; `null` on the last one.' }),
  })
  .meta({ id: 'NamespaceList' });

/** The address of a namespace. */
export function namespacePath(namespace: string): string {
  return `/v1/namespaces/${namespace}`;
}

export function viewNamespace(record: NamespaceRecord): z.infer<typeof namespaceSchema> {
  const { namespace, isDeleted, documents, chunks, bytes, quotas, createdAtMs } = record;
  return {
    namespace,
    state: isDeleted ? 'deleting' : 'active',
    documents,
    chunks,
    bytes,
    quotas,
    createdAt: new Date(createdAtMs).toISOString(),
  };
}
