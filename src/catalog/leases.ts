import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import { type DocumentRecord, documentRow } from './document-record.ts';
import type { IngestStage } from './document-status.ts';
import type { DocumentKey } from './documents.ts';
import { claiming, reporting, settling, tokenRow } from './lease-statements.ts';

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
  from: 'processing' | 'ready' | 'failed' | 'deleting';
  to: 'queued' | 'processing' | 'ready' | 'failed' | 'deleting';
  attempts: number;
  error: { code: string; message: string } | null;
  nextRetryAtMs: number | null;
  /** Nothing was tried: attempts that were cut off before still count. */
  isPostponed?: true;
  /** False hands the row to the sweep. */
  isEnqueued: boolean;
}

export interface Settled {
  lease: Lease;
  /** `null`: there is nothing to say. */
  settlement: Settlement | null;
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
  /**
   * Gives the leases back; what became of the work is written only if it still matters, and nothing where a newer
   * version or a delete has taken over.
   */
  settle(settled: Settled[], nowMs: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
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
    async claim(requests, options, deadline) {
      const claimed = await database.batch('claim', claiming(requests, options), deadline);
      if (!claimed.ok) return claimed;
      const records = new Map(parseRows(documentRow, claimed.value[1]).map((record) => [keyOf(record), record]));
      return succeed(
        requests.map(({ work, token }) => readClaim(work, token, records.get(keyOf(work)), options.nowMs)),
      );
    },

    async report(progress, options, deadline) {
      if (progress.length === 0) return succeed([]);
      const reported = await database.batch('report', [reporting(progress, options)], deadline);
      if (!reported.ok) return reported;
      const held = new Set(parseRows(tokenRow, reported.value[0]).map(({ token }) => token));
      return succeed(progress.map(({ lease }) => held.has(lease.token)));
    },

    async settle(settled, nowMs, deadline) {
      if (settled.length === 0) return succeed(undefined);
      const done = await database.batch('settle', settling(settled, nowMs), deadline);
      return done.ok ? succeed(undefined) : done;
    },

    async giveUp({ namespace, documentId, version }, { code, message }, { maxInterruptions, nowMs }, deadline) {
      const statements = [
        { sql: GIVE_UP, parameters: [namespace, documentId, version, code, message, nowMs, maxInterruptions] },
        { sql: RETURN_TO_SWEEP, parameters: [namespace, documentId, version, code, message] },
      ];
      const given = await database.batch('give-up', statements, deadline);
      return given.ok ? succeed(parseRows(givenUpRow, given.value[0])[0] ?? null) : given;
    },
  };
}

const givenUpRow = z.object({ code: z.string(), attempts: z.number().int() });

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
  UPDATE documents SET enqueued_at_ms = NULL,
    error_code = COALESCE(error_code, ?4), error_message = COALESCE(error_message, ?5)
  WHERE namespace = ?1 AND document_id = ?2 AND version = ?3 AND state IN ('queued', 'processing', 'deleting')`;

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

function keyOf({ namespace, documentId }: { namespace: string; documentId: string }): string {
  return JSON.stringify([namespace, documentId]);
}
