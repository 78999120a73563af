import * as z from 'zod';

export const QUOTAS = ['documents', 'chunks', 'bytes'] as const;
export type Quota = (typeof QUOTAS)[number];

/** How much a namespace may hold; `null` is as much as it likes. */
export type Quotas = Record<Quota, number | null>;

/** Why something was not taken in: a quota, its value, and how much of it is used. */
export interface OverQuota {
  kind: 'over-quota';
  quota: Quota;
  limit: number;
  usage: number;
}

export const verdictRow = z.object({
  quota: z.enum(QUOTAS).nullable(),
  documents: z.number(),
  chunks: z.number(),
  bytes: z.number(),
  maxDocuments: z.number(),
  maxChunks: z.number(),
  maxBytes: z.number(),
});

/** `null` while no quota is exceeded. */
export function overQuotaOf(verdict: z.infer<typeof verdictRow>): OverQuota | null {
  const { quota, documents, chunks, bytes, maxDocuments, maxChunks, maxBytes } = verdict;
  if (quota === null) return null;
  const [limit, usage] = {
    documents: [maxDocuments, documents] as const,
    chunks: [maxChunks, chunks] as const,
    bytes: [maxBytes, bytes] as const,
  }[quota];
  return { kind: 'over-quota', quota, limit, usage };
}

/** The defaults as a statement's parameter; 0 is none, as in the namespace's own columns. */
export function quotaParameter({ documents, chunks, bytes }: Quotas): string {
  return JSON.stringify({ documents: documents ?? 0, chunks: chunks ?? 0, bytes: bytes ?? 0 });
}

const effective = (quota: Quota, defaults: string) => `COALESCE(n.max_${quota}, ${defaults} ->> '${quota}')`;

/** Columns of `namespaces n`: what it holds and may hold. */
export function usageColumns(defaults: string): string {
  return `n.documents, n.chunks, n.bytes,
    ${effective('documents', defaults)} AS maxDocuments, ${effective('chunks', defaults)} AS maxChunks,
    ${effective('bytes', defaults)} AS maxBytes`;
}

// Of a document's versions only the new one will be left, so what the others take up is not counted against it. And a
// document that is here already may shrink, or stay as it is, whatever the quota has become since.
const ownRows = 'document_versions o WHERE o.namespace = ?1 AND o.document_id = ?2';

/**
 * The quota of `namespaces n` that a version of document ?2 would exceed; NULL when none. How many chunks it makes is
 * not known yet: only a namespace that has all it may have already refuses it.
 */
export function exceededByVersion(bytes: string, defaults: string): string {
  const ownBytes = `(SELECT COALESCE(sum(o.content_bytes), 0) FROM ${ownRows})`;
  return `CASE
    WHEN ${effective('documents', defaults)} > 0 AND n.documents >= ${effective('documents', defaults)}
      AND NOT EXISTS (SELECT 1 FROM ${ownRows}) THEN 'documents'
    WHEN ${effective('bytes', defaults)} > 0 AND ${bytes} > ${ownBytes}
      AND n.bytes - ${ownBytes} + ${bytes} > ${effective('bytes', defaults)} THEN 'bytes'
    WHEN ${effective('chunks', defaults)} > 0 AND n.chunks >= ${effective('chunks', defaults)}
      AND NOT EXISTS (SELECT 1 FROM ${ownRows} AND o.chunk_count > 0) THEN 'chunks'
  END`;
}

/** The same of so many chunks of version ?3, which has none yet. */
export function exceededByChunks(count: string, defaults: string): string {
  const ownChunks = `(SELECT COALESCE(sum(o.chunk_count), 0) FROM ${ownRows} AND o.version < ?3)`;
  return `CASE
    WHEN ${effective('chunks', defaults)} > 0 AND ${count} > ${ownChunks}
      AND n.chunks - ${ownChunks} + ${count} > ${effective('chunks', defaults)} THEN 'chunks'
  END`;
}
