import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement } from './catalog-database.ts';

export const QUOTA_NAMES = ['documents', 'chunks', 'bytes'] as const;
export type QuotaName = (typeof QUOTA_NAMES)[number];

/** How much a namespace may hold; `null` is as much as it likes. */
export type Quotas = Record<QuotaName, number | null>;

/** Why something was not taken in: a quota, its value, and how much of it is used. */
export interface OverQuota {
  kind: 'over-quota';
  quota: QuotaName;
  limit: number;
  usage: number;
}

/** A version that was not accepted. */
export interface JudgedDocument {
  documentId: string;
  contentBytes: number;
}

export interface Verdict {
  /** The quota that the version does not fit into. */
  overQuota: OverQuota | null;
  /** The version that it has to be newer than. */
  acceptedAfter: number;
}

export interface QuotaJudge {
  /** Why a version was not accepted. If the verdict gives no reason, somebody else was faster. */
  judge(
    namespace: string,
    documentId: string,
    contentBytes: number,
    deadline: Deadline,
  ): Promise<Result<Verdict, UpstreamError>>;
  /** The same for many, whose ids differ, in their order: as many statements as for one. */
  judgeMany(namespace: string, judged: JudgedDocument[], deadline: Deadline): Promise<Result<Verdict[], UpstreamError>>;
}

const NO_REASON: Verdict = { overQuota: null, acceptedAfter: 0 };

export function createQuotaJudge(database: CatalogDatabase): QuotaJudge {
  const judgeMany: QuotaJudge['judgeMany'] = async (namespace, judged, deadline) => {
    const select = { sql: JUDGE, parameters: [namespace, JSON.stringify(judged)] };
    const read = await database.batch('judge', [select], deadline);
    if (!read.ok) return read;
    const verdicts = new Map(
      parseRows(judgedRow, read.value[0]).map(({ documentId, ...verdict }) => [
        documentId,
        { overQuota: overQuotaOf(verdict), acceptedAfter: verdict.acceptedAfter },
      ]),
    );
    return succeed(judged.map(({ documentId }) => verdicts.get(documentId) ?? NO_REASON));
  };

  return {
    async judge(namespace, documentId, contentBytes, deadline) {
      const judged = await judgeMany(namespace, [{ documentId, contentBytes }], deadline);
      return judged.ok ? succeed(judged.value[0] ?? NO_REASON) : judged;
    },

    judgeMany,
  };
}

/** What a query of `USAGE` and an exceeded quota answers. */
export const verdictRow = z.object({
  quota: z.enum(QUOTA_NAMES).nullable(),
  acceptedAfter: z.number(),
  documents: z.number(),
  chunks: z.number(),
  bytes: z.number(),
  maxDocuments: z.number(),
  maxChunks: z.number(),
  maxBytes: z.number(),
});
const judgedRow = verdictRow.extend({ documentId: z.string() });

/** Columns of `namespaces n`: what it holds and may hold, as it was last told. */
export const USAGE = `n.accepted_after AS acceptedAfter, n.documents, n.chunks, n.bytes,
    n.limit_documents AS maxDocuments, n.limit_chunks AS maxChunks, n.limit_bytes AS maxBytes`;

/** `null` while no quota is exceeded. */
export function overQuotaOf(verdict: z.infer<typeof verdictRow>): OverQuota | null {
  const { quota, documents, chunks, bytes, maxDocuments, maxChunks, maxBytes } = verdict;
  switch (quota) {
    case null:
      return null;
    case 'documents':
      return { kind: 'over-quota', quota, limit: maxDocuments, usage: documents };
    case 'chunks':
      return { kind: 'over-quota', quota, limit: maxChunks, usage: chunks };
    case 'bytes':
      return { kind: 'over-quota', quota, limit: maxBytes, usage: bytes };
  }
}

/** The defaults as a statement's parameter; 0 is none, as in the namespace's own columns. */
export function quotaParameter({ documents, chunks, bytes }: Quotas): string {
  return JSON.stringify({ documents: documents ?? 0, chunks: chunks ?? 0, bytes: bytes ?? 0 });
}

/** The quota that holds for `namespaces n`: its own, or the default. */
export function effectiveQuota(quota: QuotaName, defaults: string): string {
  return `COALESCE(n.max_${quota}, ${defaults} ->> '${quota}')`;
}

const effective = (quota: QuotaName) => effectiveQuota(quota, '?2');

// Written only where it is news. The triggers that hold what is inserted to the quotas know no configuration.
const LIMIT = `
  UPDATE namespaces AS n SET limit_documents = ${effective('documents')}, limit_chunks = ${effective('chunks')},
    limit_bytes = ${effective('bytes')}
  WHERE namespace = ?1 AND (limit_documents <> ${effective('documents')} OR limit_chunks <> ${effective('chunks')}
    OR limit_bytes <> ${effective('bytes')})`;

/** To come before whatever has to fit into a namespace, in its transaction. */
export function limiting(namespace: string, defaultQuotas: Quotas): Statement {
  return { sql: LIMIT, parameters: [namespace, quotaParameter(defaultQuotas)] };
}

// What trigger document_versions_within_quotas keeps out, by name.
const OWN = `document_versions o WHERE o.namespace = ?1 AND o.document_id = judged.value ->> 'documentId'`;
const NEWEST_BYTES = `COALESCE((SELECT o.content_bytes FROM ${OWN} ORDER BY o.version DESC LIMIT 1), 0)`;
const OWN_BYTES = `(SELECT COALESCE(sum(o.content_bytes), 0) FROM ${OWN})`;
const BYTES = `judged.value ->> 'contentBytes'`;
const JUDGE = `
  SELECT judged.value ->> 'documentId' AS documentId, CASE
    WHEN n.limit_documents > 0 AND n.documents >= n.limit_documents
      AND NOT EXISTS (SELECT 1 FROM ${OWN}) THEN 'documents'
    WHEN n.limit_bytes > 0 AND ${BYTES} > ${NEWEST_BYTES}
      AND n.bytes - ${OWN_BYTES} + ${BYTES} > n.limit_bytes THEN 'bytes'
    WHEN n.limit_chunks > 0 AND n.chunks >= n.limit_chunks
      AND NOT EXISTS (SELECT 1 FROM ${OWN} AND o.chunk_count > 0) THEN 'chunks'
  END AS quota, ${USAGE}
  FROM json_each(?2) AS judged JOIN namespaces n ON n.namespace = ?1`;
