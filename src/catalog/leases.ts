import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement } from './catalog-database.ts';
import { type DocumentRecord, documentRow, selectRecord } from './document-record.ts';
import type { IngestStage } from './document-status.ts';
import type { DocumentKey } from './documents.ts';

/** What is to be done for one version of a document. */
export interface Work extends DocumentKey {
  kind: 'index' | 'delete';
}

/** One version of a document and the proof of the right to work on it. */
export interface Lease {
  namespace: string;
  documentId: string;
  version: number;
  token: string;
}

export type Claim =
  | { kind: 'claimed'; record: DocumentRecord; lease: Lease }
  /** Nothing to do: done already, replaced, deleted or given up. */
  | { kind: 'stale' }
  /** Somebody else is at it, or it is too early for the next attempt. */
  | { kind: 'busy'; retryAfterMs: number };

export interface Progress {
  stage: IngestStage;
  done: number;
  total: number;
}

/** How the work on a lease ended. `state` is the one it had meanwhile; `null` errors clear the last one. */
export interface Settlement {
  from: 'processing' | 'ready' | 'deleting';
  to: 'queued' | 'processing' | 'ready' | 'failed' | 'deleting';
  attempts: number;
  error: { code: string; message: string } | null;
  nextRetryAtMs: number | null;
  /** False hands the row to the sweep. */
  isEnqueued: boolean;
}

export interface Leases {
  /** Takes the document of each piece of work if it is free; counts an attempt. `stores` are those that should hold it. */
  claim(
    requests: { work: Work; token: string }[],
    options: { stores: string[]; nowMs: number; leaseMs: number },
    deadline: Deadline,
  ): Promise<Result<Claim[], UpstreamError>>;
  /** Writes progress and extends the leases; `false` for each that is no longer held. */
  report(
    progress: { lease: Lease; progress: Progress }[],
    options: { nowMs: number; leaseMs: number },
    deadline: Deadline,
  ): Promise<Result<boolean[], UpstreamError>>;
  /** Gives the lease back; what became of the work is written only if it still matters. */
  settle(lease: Lease, settlement: Settlement, nowMs: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** Gives the lease back without a word: a newer version or a delete has taken over. */
  abandon(lease: Lease, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /**
   * The queue will not deliver this work again. It goes back to the sweep, unless as many attempts in a row as may be
   * were cut off: then with what the document failed.
   */
  giveUp(
    work: Work,
    reason: { code: string; message: string },
    options: { maxInterruptions: number; nowMs: number },
    deadline: Deadline,
  ): Promise<Result<{ code: string; attempts: number } | null, UpstreamError>>;
}

// A holder of this version keeps it until the lease ends or the work is done; a holder of another one stops soon.
const SUPERSEDED_HOLDER_STOPS_MS = 2_000;

export function createLeases(database: CatalogDatabase): Leases {
  return {
    async claim(requests, { stores, nowMs, leaseMs }, deadline) {
      const statements = requests.flatMap(({ work, token }) => [
        claiming(work, token, stores, nowMs, leaseMs),
        selectRecord(work.namespace, work.documentId),
      ]);
      const claimed = await database.batch('claim', statements, deadline);
      if (!claimed.ok) return claimed;
      return succeed(
        requests.map(({ work, token }, n) => {
          const [record] = parseRows(documentRow, claimed.value[2 * n + 1]);
          return readClaim(work, token, record, nowMs);
        }),
      );
    },

    async report(progress, { nowMs, leaseMs }, deadline) {
      const statements = progress.map(({ lease, progress: { stage, done, total } }) => ({
        sql: REPORT,
        parameters: [...keyOf(lease), stage, done, total, nowMs + leaseMs, nowMs],
      }));
      const reported = await database.batch('report', statements, deadline);
      return reported.ok ? succeed(reported.value.map(({ rows }) => rows.length === 1)) : reported;
    },

    async settle(lease, { from, to, attempts, error, nextRetryAtMs, isEnqueued }, nowMs, deadline) {
      const outcome = [from, to, attempts, error?.code ?? null, error?.message ?? null, nextRetryAtMs];
      const settle = { sql: SETTLE, parameters: [...keyOf(lease), ...outcome, isEnqueued ? nowMs : null, nowMs] };
      const settled = await database.batch('settle', [settle, releasing(lease)], deadline);
      return settled.ok ? succeed(undefined) : settled;
    },

    async abandon(lease, deadline) {
      const released = await database.batch('abandon', [releasing(lease)], deadline);
      return released.ok ? succeed(undefined) : released;
    },

    async giveUp({ namespace, documentId, version }, { code, message }, { maxInterruptions, nowMs }, deadline) {
      const statements = [
        { sql: GIVE_UP, parameters: [namespace, documentId, version, code, message, nowMs, maxInterruptions] },
        { sql: RETURN_TO_SWEEP, parameters: [namespace, documentId, version] },
      ];
      const given = await database.batch('give-up', statements, deadline);
      return given.ok ? succeed(parseRows(givenUpRow, given.value[0])[0] ?? null) : given;
    },
  };
}

const givenUpRow = z.object({ code: z.string(), attempts: z.number().int() });

// A lease that is still there was not given back: that attempt was cut off.
// And a ready document still has work when a store lacks it, an old version is left, or the last holder never came back.
const CLAIM = `
  UPDATE documents SET
    state = CASE state WHEN 'queued' THEN 'processing' ELSE state END,
    stage = CASE state WHEN 'queued' THEN 'chunking' ELSE stage END,
    chunks_done = CASE state WHEN 'queued' THEN 0 ELSE chunks_done END,
    chunks_total = CASE state WHEN 'queued' THEN 0 ELSE chunks_total END,
    attempts = attempts + 1, interruptions = interruptions + (lease_token IS NOT NULL), next_retry_at_ms = NULL,
    lease_token = ?5, lease_until_ms = ?7, updated_at_ms = ?6
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3
    AND (lease_token IS NULL OR lease_until_ms <= ?6)
    AND COALESCE(next_retry_at_ms, 0) <= ?6
    AND (?4 = 'delete' OR version > (SELECT erased_up_to FROM namespaces n WHERE n.namespace = ?1))
    AND CASE ?4
      WHEN 'delete' THEN state = 'deleting'
      ELSE state IN ('queued', 'processing') OR (state = 'ready' AND (
        lease_token IS NOT NULL OR next_retry_at_ms IS NOT NULL
        OR EXISTS (SELECT 1 FROM document_versions v
                   WHERE v.namespace = ?1 AND v.document_id = ?2 AND v.version < ?3)
        OR json_array_length(?8) > (SELECT count(*) FROM document_stores s
                                    WHERE s.namespace = ?1 AND s.document_id = ?2 AND s.version = ?3
                                      AND s.confirmed AND s.store IN (SELECT value FROM json_each(?8)))))
    END`;

const HELD = `namespace = ?1 AND document_id = ?2 AND version = ?3 AND lease_token = ?4`;

const REPORT = `
  UPDATE documents SET
    stage = CASE state WHEN 'processing' THEN ?5 END, chunks_done = ?6, chunks_total = ?7,
    lease_until_ms = ?8, updated_at_ms = ?9
  WHERE ${HELD} AND state IN ('processing', 'ready')
  RETURNING version`;

// Ready against expectation: the switch timed out here and happened there. The next attempt finishes the rest.
const SETTLE = `
  UPDATE documents SET
    state = CASE state WHEN ?5 THEN ?6 ELSE state END, stage = CASE ?6 WHEN 'processing' THEN stage END,
    attempts = ?7, interruptions = 0, error_code = ?8, error_message = ?9,
    next_retry_at_ms = CASE state WHEN ?5 THEN ?10 ELSE ?12 END, enqueued_at_ms = ?11, updated_at_ms = ?12
  WHERE ${HELD} AND state IN (?5, 'ready')`;

const RELEASE = `
  UPDATE documents SET lease_token = NULL, lease_until_ms = NULL
  WHERE namespace = ?1 AND document_id = ?2 AND lease_token = ?3`;

// An ingestion that somebody holds is not lost, whatever became of this message.
const GIVE_UP = `
  UPDATE documents SET
    state = 'failed', stage = NULL, lease_token = NULL, lease_until_ms = NULL, next_retry_at_ms = NULL,
    error_code = COALESCE(error_code, ?4), error_message = COALESCE(error_message, ?5), updated_at_ms = ?6
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3 AND state IN ('queued', 'processing')
    AND (lease_token IS NULL OR lease_until_ms <= ?6) AND interruptions >= ?7
  RETURNING error_code AS code, attempts`;

// What may yet come to an end, and every delete.
const RETURN_TO_SWEEP = `
  UPDATE documents SET enqueued_at_ms = NULL
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3 AND state IN ('queued', 'processing', 'deleting')`;

function claiming(work: Work, token: string, stores: string[], nowMs: number, leaseMs: number): Statement {
  const { namespace, documentId, version, kind } = work;
  const key = [namespace, documentId, version, kind];
  return { sql: CLAIM, parameters: [...key, token, nowMs, nowMs + leaseMs, JSON.stringify(stores)] };
}

function readClaim(work: Work, token: string, record: DocumentRecord | undefined, nowMs: number): Claim {
  if (record === undefined || record.version !== work.version) return { kind: 'stale' };
  const { namespace, documentId, version, state, leaseToken, leaseUntilMs, nextRetryAtMs } = record;
  if (leaseToken === token) return { kind: 'claimed', record, lease: { namespace, documentId, version, token } };
  const isWanted = work.kind === 'delete' ? state === 'deleting' : state === 'queued' || state === 'processing';
  if (!isWanted) return { kind: 'stale' };
  const leftMs = leaseToken === null ? 0 : (leaseUntilMs ?? 0) - nowMs;
  const heldMs = state === 'processing' ? leftMs : Math.min(leftMs, SUPERSEDED_HOLDER_STOPS_MS);
  return { kind: 'busy', retryAfterMs: Math.max(heldMs, (nextRetryAtMs ?? 0) - nowMs, 0) };
}

function keyOf({ namespace, documentId, version, token }: Lease) {
  return [namespace, documentId, version, token];
}

function releasing({ namespace, documentId, token }: Lease): Statement {
  return { sql: RELEASE, parameters: [namespace, documentId, token] };
}
