import * as z from 'zod';
import type { Statement } from './catalog-database.ts';
import { selectRecords } from './document-record.ts';
import type { Lease, Progress, Settled, Work } from './leases.ts';

// A batch has up to 100 documents, and a Worker may make 1,000 queries an invocation, each statement of a batch counted
// (https://developers.cloudflare.com/d1/platform/limits/): one statement for all of them, bound as one JSON array.

/** Of a document: what is older than this version is to be removed. */
export const OLDEST_KEPT = `iif(documents.state = 'failed', COALESCE(live_version, documents.version), documents.version)`;

export const tokenRow = z.object({ token: z.string() });

// A lease that is still there was not given back: that attempt was cut off.
// And a ready document still has work when a store lacks it, an old version is left, or the last holder never came back;
// one that has failed, when it has left an old version to nobody. That is no attempt to make it ready.
const CLAIM = `
  UPDATE documents SET
    state = CASE state WHEN 'queued' THEN 'processing' ELSE state END,
    stage = CASE state WHEN 'queued' THEN 'chunking' ELSE stage END,
    chunks_done = CASE state WHEN 'queued' THEN 0 ELSE chunks_done END,
    chunks_total = CASE state WHEN 'queued' THEN 0 ELSE chunks_total END,
    attempts = attempts + (state <> 'failed'), interruptions = interruptions + (lease_token IS NOT NULL), next_retry_at_ms = NULL,
    lease_token = asked.value ->> 'token', lease_until_ms = ?3, updated_at_ms = ?2
  FROM json_each(?1) AS asked
  WHERE documents.namespace = asked.value ->> 'namespace' AND documents.document_id = asked.value ->> 'documentId'
    AND documents.version = asked.value ->> 'version'
    AND (lease_token IS NULL OR lease_until_ms <= ?2)
    AND COALESCE(next_retry_at_ms, 0) <= ?2
    AND (asked.value ->> 'kind' = 'delete'
         OR documents.version > (SELECT erased_up_to FROM namespaces n WHERE n.namespace = documents.namespace))
    AND CASE asked.value ->> 'kind'
      WHEN 'delete' THEN state = 'deleting'
      ELSE state IN ('queued', 'processing') OR (state IN ('ready', 'failed') AND (
        lease_token IS NOT NULL OR next_retry_at_ms IS NOT NULL
        OR EXISTS (SELECT 1 FROM document_versions v
                   WHERE v.namespace = documents.namespace AND v.document_id = documents.document_id
                     AND v.version < ${OLDEST_KEPT})
        OR (state = 'ready' AND json_array_length(?4) > (
          SELECT count(*) FROM document_stores s
          WHERE s.namespace = documents.namespace AND s.document_id = documents.document_id
            AND s.version = documents.version AND s.confirmed AND s.store IN (SELECT value FROM json_each(?4))))))
    END`;

const SELECT_CLAIMED = `${selectRecords('documents')}
  WHERE (d.namespace, d.document_id) IN (SELECT value ->> 'namespace', value ->> 'documentId' FROM json_each(?1))`;

/** The second statement has the records of all documents as they are then. */
export function claiming(
  requests: { work: Work; token: string }[],
  { stores, nowMs, leaseMs }: { stores: string[]; nowMs: number; leaseMs: number },
): Statement[] {
  // A message may be in the batch twice: of two that match a row, SQLite takes any.
  const first = new Map(requests.toReversed().map(({ work, token }) => [JSON.stringify(work), { ...work, token }]));
  const asked = JSON.stringify([...first.values()]);
  return [
    { sql: CLAIM, parameters: [asked, nowMs, nowMs + leaseMs, JSON.stringify(stores)] },
    { sql: SELECT_CLAIMED, parameters: [asked] },
  ];
}

/** Of a row of leases as JSON: its document still belongs to whoever has the token. */
export const isHeld = (row: string) => `
  documents.namespace = ${row}.value ->> 'namespace' AND documents.document_id = ${row}.value ->> 'documentId'
    AND documents.version = ${row}.value ->> 'version' AND documents.lease_token = ${row}.value ->> 'token'`;

const REPORT = `
  UPDATE documents SET
    stage = CASE state WHEN 'processing' THEN made.value ->> 'stage' END,
    chunks_done = made.value ->> 'done', chunks_total = made.value ->> 'total',
    lease_until_ms = ?3, updated_at_ms = ?2
  FROM json_each(?1) AS made
  WHERE ${isHeld('made')} AND state IN ('processing', 'ready', 'failed')
  RETURNING lease_token AS token`;

/** A `tokenRow` for each lease that is still held. */
export function reporting(
  made: { lease: Lease; progress: Progress }[],
  { nowMs, leaseMs }: { nowMs: number; leaseMs: number },
): Statement {
  const rows = made.map(({ lease, progress }) => ({ ...lease, ...progress }));
  return { sql: REPORT, parameters: [JSON.stringify(rows), nowMs, nowMs + leaseMs] };
}

// Ready against expectation: the switch timed out here and happened there. The next attempt finishes the rest.
const SETTLE = `
  UPDATE documents SET
    state = iif(state = settled.value ->> 'from', settled.value ->> 'to', state),
    stage = iif(settled.value ->> 'to' = 'processing', stage, NULL),
    attempts = settled.value ->> 'attempts',
    interruptions = iif(settled.value ->> 'isPostponed', interruptions, 0),
    error_code = settled.value ->> '$.error.code', error_message = settled.value ->> '$.error.message',
    next_retry_at_ms = iif(state = settled.value ->> 'from', settled.value ->> 'nextRetryAtMs', ?2),
    enqueued_at_ms = iif(settled.value ->> 'isEnqueued', ?2, NULL), updated_at_ms = ?2
  FROM json_each(?1) AS settled
  WHERE ${isHeld('settled')} AND state IN (settled.value ->> 'from', 'ready')`;

const RELEASE = `
  UPDATE documents SET lease_token = NULL, lease_until_ms = NULL
  FROM json_each(?1) AS released
  WHERE documents.namespace = released.value ->> 'namespace'
    AND documents.document_id = released.value ->> 'documentId'
    AND documents.lease_token = released.value ->> 'token'`;

export function settling(settled: Settled[], nowMs: number): Statement[] {
  const said = settled.flatMap(({ lease, settlement }) => (settlement === null ? [] : [{ ...lease, ...settlement }]));
  return [
    { sql: SETTLE, parameters: [JSON.stringify(said), nowMs] },
    { sql: RELEASE, parameters: [JSON.stringify(settled.map(({ lease }) => lease))] },
  ];
}
