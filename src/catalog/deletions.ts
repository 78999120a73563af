import * as z from 'zod';
import type { NamespaceState } from '../namespaces/namespace-state.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import { deletionSteps } from './deletion-steps.ts';
import { type DeletionTarget, encodeTarget, storedTarget } from './deletion-target.ts';
import type { DocumentKey } from './documents.ts';
import { selectState, stateOf } from './namespace-state-records.ts';

/** A deletion of many documents: which, and how far it has come. */
export interface Deletion {
  deletionId: string;
  namespace: string;
  target: DeletionTarget;
  /** Documents with a newer version were put after the request. */
  upToVersion: number;
  /** Documents taken out of answers by now. */
  marked: number;
  /** Whether all of them are. */
  isFinished: boolean;
}

export interface Deletions {
  /** Records the promise. `null` when there is no such namespace. */
  open(
    request: { deletionId: string; namespace: string; target: DeletionTarget },
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<Deletion | null, UpstreamError>>;
  /**
   * The same for all that the namespace holds, which is dead from this moment on. No new `deletion` when it is being
   * deleted already; `null` when there is no such namespace.
   */
  openForNamespace(
    request: { deletionId: string; namespace: string },
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<{ deletion: Deletion | null; state: NamespaceState } | null, UpstreamError>>;
  find(deletionId: string, deadline: Deadline): Promise<Result<Deletion | null, UpstreamError>>;
  /** Takes the next slice of documents out of every answer: those it has `marked`. */
  step(
    deletion: Deletion,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<{ deletion: Deletion; marked: DocumentKey[] }, UpstreamError>>;
  /** The queue has taken messages for these, or (`null`) has given them up. */
  noteSent(deletionIds: string[], atMs: number | null, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Those that need a message although the queue may have none, oldest first. */
  findUnsent(
    options: { sentBeforeMs: number; limit: number },
    deadline: Deadline,
  ): Promise<Result<{ deletionId: string; namespace: string }[], UpstreamError>>;
  forgetFinished(beforeMs: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

export function createDeletions(database: CatalogDatabase): Deletions {
  return {
    async open({ deletionId, namespace, target }, nowMs, deadline) {
      const statements = [
        { sql: RAISE_FLOOR, parameters: [namespace] },
        { sql: OPEN, parameters: [namespace, deletionId, encodeTarget(target), nowMs] },
      ];
      const opened = await database.batch('open-deletion', statements, deadline);
      return opened.ok ? succeed(parseRows(deletionRow, opened.value[1])[0] ?? null) : opened;
    },

    async openForNamespace({ deletionId, namespace }, nowMs, deadline) {
      const statements = [
        { sql: ERASE, parameters: [namespace, nowMs] },
        { sql: IS_UNDER_WAY, parameters: [namespace] },
        { sql: OPEN_ERASED, parameters: [namespace, deletionId, encodeTarget({ kind: 'namespace' }), nowMs] },
        ...selectState(namespace),
      ];
      const opened = await database.batch('erase-namespace', statements, deadline);
      if (!opened.ok) return opened;
      const [erased, underWay, deletion, ...read] = opened.value;
      const state = stateOf(read);
      const isKnown = erased?.rows.length === 1 || underWay?.rows.length === 1;
      if (state === null || !isKnown) return succeed(null);
      return succeed({ deletion: parseRows(deletionRow, deletion)[0] ?? null, state });
    },

    async find(deletionId, deadline) {
      const select = { sql: `SELECT ${COLUMNS} FROM deletions WHERE deletion_id = ?1`, parameters: [deletionId] };
      const read = await database.batch('find-deletion', [select], deadline);
      return read.ok ? succeed(parseRows(deletionRow, read.value[0])[0] ?? null) : read;
    },

    async step(deletion, nowMs, deadline) {
      const stepped = await database.batch('step-deletion', deletionSteps(deletion, nowMs), deadline);
      if (!stepped.ok) return stepped;
      const [, marked, advanced] = stepped.value;
      const [now] = parseRows(deletionRow, advanced);
      const { namespace } = deletion;
      return succeed({
        // No row: somebody else has finished it.
        deletion: now ?? { ...deletion, isFinished: true },
        marked: parseRows(markedRow, marked).map((row) => ({ namespace, ...row })),
      });
    },

    async noteSent(deletionIds, atMs, deadline) {
      const note = { sql: NOTE_SENT, parameters: [JSON.stringify(deletionIds), atMs] };
      const noted = await database.batch('note-deletions-sent', [note], deadline);
      return noted.ok ? succeed(undefined) : noted;
    },

    async findUnsent({ sentBeforeMs, limit }, deadline) {
      const select = { sql: SELECT_UNSENT, parameters: [sentBeforeMs, limit] };
      const read = await database.batch('find-unsent-deletions', [select], deadline);
      return read.ok ? succeed(parseRows(unsentRow, read.value[0])) : read;
    },

    async forgetFinished(beforeMs, deadline) {
      const forget = { sql: 'DELETE FROM deletions WHERE finished_at_ms < ?1', parameters: [beforeMs] };
      const forgotten = await database.batch('forget-deletions', [forget], deadline);
      return forgotten.ok ? succeed(undefined) : forgotten;
    },
  };
}

const deletionRow = z.object({
  deletionId: z.string(),
  namespace: z.string(),
  target: storedTarget,
  upToVersion: z.number().int(),
  marked: z.number().int(),
  isFinished: z.number().transform((value) => value === 1),
});
const markedRow = z.object({ documentId: z.string(), version: z.number().int() });
const unsentRow = z.object({ deletionId: z.string(), namespace: z.string() });

const COLUMNS = `deletion_id AS deletionId, namespace, target, up_to_version AS upToVersion, marked,
  finished_at_ms IS NOT NULL AS isFinished`;

const RAISE_FLOOR = `
  UPDATE namespaces SET accepted_after = max(accepted_after, newest_version)
  WHERE namespace = ?1 AND deleted_at_ms IS NULL`;

const OPEN = `
  INSERT INTO deletions (deletion_id, namespace, target, up_to_version, created_at_ms)
  SELECT ?2, namespace, ?3, newest_version, ?4 FROM namespaces WHERE namespace = ?1 AND deleted_at_ms IS NULL
  RETURNING ${COLUMNS}`;

// Quotas go with the namespace they were set for.
const ERASE = `
  UPDATE namespaces SET
    erased_up_to = max(?2, newest_version, erased_up_to), accepted_after = max(?2, newest_version, accepted_after),
    purge = purge + 1, deleted_at_ms = ?2, max_documents = NULL, max_chunks = NULL, max_bytes = NULL
  WHERE namespace = ?1 AND deleted_at_ms IS NULL
  RETURNING namespace`;

const IS_UNDER_WAY = `
  SELECT 1 FROM namespaces WHERE namespace = ?1 AND deleted_at_ms IS NOT NULL AND (documents > 0 OR EXISTS (
    SELECT 1 FROM deletions x WHERE x.namespace = ?1 AND x.finished_at_ms IS NULL))`;

// In the transaction that erases: what is erased has its deletion.
const OPEN_ERASED = `
  INSERT INTO deletions (deletion_id, namespace, target, up_to_version, created_at_ms)
  SELECT ?2, n.namespace, ?3, n.erased_up_to, ?4 FROM namespaces n
  WHERE n.namespace = ?1 AND (n.deleted_at_ms = ?4 OR (n.deleted_at_ms IS NOT NULL AND n.documents > 0))
    AND NOT EXISTS (SELECT 1 FROM deletions x WHERE x.namespace = ?1 AND x.up_to_version >= n.erased_up_to
                      AND x.created_at_ms >= n.deleted_at_ms AND x.target = ?3)
  RETURNING ${COLUMNS}`;

const NOTE_SENT = `
  UPDATE deletions SET sent_at_ms = ?2 WHERE deletion_id IN (SELECT value FROM json_each(?1))`;

const SELECT_UNSENT = `
  SELECT deletion_id AS deletionId, namespace FROM deletions
  WHERE finished_at_ms IS NULL AND COALESCE(sent_at_ms, 0) <= ?1
  ORDER BY created_at_ms
  LIMIT ?2`;
