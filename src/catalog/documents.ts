import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { Metadata } from '../retrieval/passage.ts';
import { acceptedRow, accepting, duplicateRow, lookingUp } from './accept-statements.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import { type DocumentRecord, documentRow, selectRecord } from './document-record.ts';
import type { Quotas } from './quotas.ts';

/** A document about to be accepted. */
export interface AskedDocument {
  documentId: string;
  contentHash: string;
}

export interface SeenDocument {
  record: DocumentRecord | null;
  /** Another one alive in the namespace with the same content. */
  duplicateOf: string | null;
}

/** A version about to be accepted. */
export interface NewVersion {
  /** `null` when there is no such document: the version is accepted only if that is still so. */
  previousVersion: number | null;
  version: number;
  /** False for a change of what is there: a document that is being deleted is not brought back by it. */
  mayRevive: boolean;
  /** What such a change was made of: reading its source completes a version, which then is another. */
  previous: { title: string | null; contentHash: string; metadata: Metadata } | null;
  objectKey: string;
  identityHash: string;
  contentHash: string;
  contentType: string;
  contentBytes: number;
  /** Where the content is read; `null` for what came with the request. */
  sourceUrl: string | null;
  title: string | null;
  url: string | null;
  metadata: Metadata;
}

export interface AcceptedDocument {
  documentId: string;
  version: NewVersion;
  nowMs: number;
}

export interface DocumentKey {
  namespace: string;
  documentId: string;
  version: number;
}

export interface Documents {
  lookUp(
    namespace: string,
    documentId: string,
    contentHash: string,
    deadline: Deadline,
  ): Promise<Result<SeenDocument, UpstreamError>>;
  /** The same for many, whose ids differ, in their order: as many statements as for one. */
  lookUpMany(
    namespace: string,
    asked: AskedDocument[],
    deadline: Deadline,
  ): Promise<Result<SeenDocument[], UpstreamError>>;
  find(
    namespace: string,
    documentId: string,
    deadline: Deadline,
  ): Promise<Result<DocumentRecord | null, UpstreamError>>;
  /**
   * Makes the version the newest one. `false` when somebody else was faster, or the namespace does not take it: `quotas`
   * tells which. Creates the namespace, and brings a deleted one back.
   */
  accept(
    namespace: string,
    documentId: string,
    accepted: NewVersion,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<boolean, UpstreamError>>;
  /** The same for many, whose ids differ, in their order. */
  acceptMany(
    namespace: string,
    accepted: AcceptedDocument[],
    deadline: Deadline,
  ): Promise<Result<boolean[], UpstreamError>>;
  /** Takes the document out of every answer. `null` when there is none. */
  markDeleting(
    namespace: string,
    documentId: string,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<DocumentRecord | null, UpstreamError>>;
  /** The queue has taken messages for these versions. */
  markEnqueued(documents: DocumentKey[], nowMs: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

export function createDocuments(database: CatalogDatabase, defaultQuotas: Quotas): Documents {
  const lookUpMany: Documents['lookUpMany'] = async (namespace, asked, deadline) => {
    const read = await database.batch('look-up', lookingUp(namespace, asked), deadline);
    if (!read.ok) return read;
    const records = new Map(parseRows(documentRow, read.value[0]).map((record) => [record.documentId, record]));
    const duplicates = new Map(
      parseRows(duplicateRow, read.value[1]).map(({ documentId, duplicateOf }) => [documentId, duplicateOf]),
    );
    return succeed(
      asked.map(({ documentId }) => ({
        record: records.get(documentId) ?? null,
        duplicateOf: duplicates.get(documentId) ?? null,
      })),
    );
  };

  const acceptMany: Documents['acceptMany'] = async (namespace, accepted, deadline) => {
    const written = await database.batch('accept', accepting(namespace, accepted, defaultQuotas), deadline);
    if (!written.ok) return written;
    const ids = new Set(parseRows(acceptedRow, written.value.at(-1)).map(({ documentId }) => documentId));
    return succeed(accepted.map(({ documentId }) => ids.has(documentId)));
  };

  return {
    async lookUp(namespace, documentId, contentHash, deadline) {
      const seen = await lookUpMany(namespace, [{ documentId, contentHash }], deadline);
      return seen.ok ? succeed(seen.value[0] ?? { record: null, duplicateOf: null }) : seen;
    },

    lookUpMany,

    async find(namespace, documentId, deadline) {
      const read = await database.batch('find', [selectRecord(namespace, documentId)], deadline);
      return read.ok ? succeed(parseRows(documentRow, read.value[0])[0] ?? null) : read;
    },

    async accept(namespace, documentId, version, nowMs, deadline) {
      const written = await acceptMany(namespace, [{ documentId, version, nowMs }], deadline);
      return written.ok ? succeed(written.value[0] === true) : written;
    },

    acceptMany,

    async markDeleting(namespace, documentId, nowMs, deadline) {
      const mark = { sql: MARK_DELETING, parameters: [namespace, documentId, nowMs] };
      const marked = await database.batch('mark-deleting', [mark, selectRecord(namespace, documentId)], deadline);
      return marked.ok ? succeed(parseRows(documentRow, marked.value[1])[0] ?? null) : marked;
    },

    async markEnqueued(documents, nowMs, deadline) {
      const keys = documents.map(({ namespace, documentId, version }) => [namespace, documentId, version]);
      const mark = { sql: MARK_ENQUEUED, parameters: [JSON.stringify(keys), nowMs] };
      const marked = await database.batch('mark-enqueued', [mark], deadline);
      return marked.ok ? succeed(undefined) : marked;
    },
  };
}

const MARK_DELETING = `
  UPDATE documents SET
    state = 'deleting', live_version = NULL, stage = NULL, chunks_done = 0, chunks_total = 0, attempts = 0,
    interruptions = 0, error_code = NULL, error_message = NULL, next_retry_at_ms = NULL, enqueued_at_ms = NULL,
    updated_at_ms = ?3
  WHERE namespace = ?1 AND document_id = ?2 AND state <> 'deleting'`;

const MARK_ENQUEUED = `
  UPDATE documents SET enqueued_at_ms = ?2
  FROM json_each(?1) AS sent
  WHERE documents.namespace = sent.value ->> 0 AND documents.document_id = sent.value ->> 1
    AND documents.version = sent.value ->> 2`;
