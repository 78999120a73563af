import type { Statement } from './catalog-database.ts';
import { type TargetCondition, targetCondition } from './deletion-target.ts';
import type { Deletion } from './deletions.ts';

// Documents looked at by one transaction, whether they match or not: a few hundredths of a second, during which
// nothing else of the database runs.
const PAGE_DOCUMENTS = 1_000;

/**
 * One slice of a deletion, as one transaction: what the deletion's row says has been done is done. In its order: what
 * of newer documents still answers, the documents themselves, and how far it has come.
 */
export function deletionSteps({ deletionId, namespace, target, upToVersion }: Deletion, nowMs: number): Statement[] {
  const condition = targetCondition(target, '?5');
  const parameters = [deletionId, namespace, upToVersion, nowMs, condition.parameter];
  return [outdating(condition), marking(condition), advancing(condition)].map((sql) => ({ sql, parameters }));
}

function page({ source }: TargetCondition): string {
  return `
    SELECT DISTINCT d.document_id ${source}
      AND d.document_id > (SELECT after_document_id FROM deletions WHERE deletion_id = ?1)
    ORDER BY d.document_id
    LIMIT ${PAGE_DOCUMENTS}`;
}

const inPage = (condition: TargetCondition) => `namespace = ?2 AND document_id IN (${page(condition)})
    AND EXISTS (SELECT 1 FROM deletions WHERE deletion_id = ?1 AND finished_at_ms IS NULL)`;

/** Put again since the request: the new version is none of its business, the one that answers until then is. */
function outdating(condition: TargetCondition): string {
  return `
    UPDATE documents SET live_version = NULL
    WHERE ${inPage(condition)} AND version > ?3 AND live_version <= ?3 AND ?4 > 0 AND ?5 IS NOT NULL
      AND ${isMeant(condition, NEWEST_THEN)}`;
}

const NEWEST_THEN = `(SELECT max(o.version) FROM document_versions o
                      WHERE o.namespace = documents.namespace AND o.document_id = documents.document_id
                        AND o.version <= ?3)`;

// The content type of a version whose address nobody has read yet (migration 0007).
const UNREAD = 'application/octet-stream';

/**
 * What the version says decides; as long as nobody has read it, what it was given, and of the rest what the one says that
 * answers.
 */
function isMeant({ matches }: TargetCondition, version: string): string {
  return `EXISTS (
      SELECT 1 FROM (
        SELECT iif(live.metadata IS NULL, newest.metadata, json_patch(live.metadata, newest.metadata)) AS metadata
        FROM document_versions newest
        LEFT JOIN document_versions live ON newest.content_type = '${UNREAD}'
          AND live.namespace = newest.namespace AND live.document_id = newest.document_id
          AND live.version = documents.live_version
          AND live.version > (SELECT erased_up_to FROM namespaces n WHERE n.namespace = ?2)
        WHERE newest.namespace = documents.namespace AND newest.document_id = documents.document_id
          AND newest.version = ${version}) v
      WHERE ${matches})`;
}

function marking(condition: TargetCondition): string {
  return `
    UPDATE documents SET
      state = 'deleting', live_version = NULL, stage = NULL, chunks_done = 0, chunks_total = 0, attempts = 0,
      interruptions = 0, error_code = NULL, error_message = NULL, next_retry_at_ms = NULL, enqueued_at_ms = NULL,
      updated_at_ms = ?4
    WHERE ${inPage(condition)} AND state <> 'deleting' AND version <= ?3 AND ?5 IS NOT NULL
      AND ${isMeant(condition, 'documents.version')}
    RETURNING document_id AS documentId, version`;
}

// `changes()` counts the rows of the statement before, and none of its triggers'.
function advancing(condition: TargetCondition): string {
  return `
    UPDATE deletions SET
      marked = marked + changes(),
      after_document_id = COALESCE((SELECT max(document_id) FROM (${page(condition)})), after_document_id),
      finished_at_ms = CASE WHEN (SELECT count(*) FROM (${page(condition)})) < ${PAGE_DOCUMENTS} THEN ?4 END
    WHERE deletion_id = ?1 AND finished_at_ms IS NULL AND ?3 >= 0 AND ?5 IS NOT NULL
    RETURNING deletion_id AS deletionId, namespace, target, up_to_version AS upToVersion, marked,
      finished_at_ms IS NOT NULL AS isFinished`;
}
