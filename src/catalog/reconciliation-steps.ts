import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement } from './catalog-database.ts';
import {
  RECONCILIATION_COLUMNS,
  type ReconcileFinding,
  type Reconciliation,
  reconcileFinding,
  reconciliationRow,
} from './reconciliation-record.ts';

/** What a slice of a run comes to, written in one transaction: a slice done twice counts once. */
export interface ReconcileCommit {
  state: Reconciliation['state'];
  position: Reconciliation['position'];
  tallies: Reconciliation['tallies'];
  found: ReconcileFinding[];
  settled: ReconcileFinding[];
  /** Stores in which nothing is to be repaired. */
  setAside: string[];
  /** Ids to be looked for again in later runs. */
  remembered: { namespace: string; chunkId: string }[];
  /** Ids that need not be looked for any more. */
  dropped: { namespace: string; chunkId: string }[];
}

/** A run's work, slice by slice, by one worker at a time. */
export interface ReconciliationSteps {
  /** `null` when it is over, or somebody else's. */
  claim(
    id: string,
    token: string,
    options: { nowMs: number; leaseMs: number },
    deadline: Deadline,
  ): Promise<Result<Reconciliation | null, UpstreamError>>;
  /** `false`, and nothing is written, when the lease is lost. */
  commit(
    run: { id: string; token: string },
    commit: ReconcileCommit,
    options: { nowMs: number; leaseMs: number },
    deadline: Deadline,
  ): Promise<Result<boolean, UpstreamError>>;
  release(run: { id: string; token: string }, nowMs: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  findings(id: string, limit: number, deadline: Deadline): Promise<Result<ReconcileFinding[], UpstreamError>>;
}

export function createReconciliationSteps(database: CatalogDatabase): ReconciliationSteps {
  return {
    async claim(id, token, { nowMs, leaseMs }, deadline) {
      const claim = { sql: CLAIM, parameters: [id, token, nowMs, nowMs + leaseMs] };
      const claimed = await database.batch('claim-reconciliation', [claim], deadline);
      return claimed.ok ? succeed(parseRows(reconciliationRow, claimed.value[0])[0] ?? null) : claimed;
    },

    async commit({ id, token }, commit, { nowMs, leaseMs }, deadline) {
      const { state, position, tallies } = commit;
      const progress = [state, JSON.stringify(position), JSON.stringify(tallies), nowMs, nowMs + leaseMs];
      const statements = [...details(id, token, commit, nowMs), { sql: ADVANCE, parameters: [id, token, ...progress] }];
      const committed = await database.batch('commit-reconciliation', statements, deadline);
      return committed.ok ? succeed(committed.value.at(-1)?.changes === 1) : committed;
    },

    async release({ id, token }, nowMs, deadline) {
      const release = { sql: RELEASE, parameters: [id, token, nowMs] };
      const released = await database.batch('release-reconciliation', [release], deadline);
      return released.ok ? succeed(undefined) : released;
    },

    async findings(id, limit, deadline) {
      const select = { sql: SELECT_FINDINGS, parameters: [id, limit] };
      const read = await database.batch('read-findings', [select], deadline);
      return read.ok ? succeed(parseRows(reconcileFinding, read.value[0])) : read;
    },
  };
}

function details(id: string, token: string, commit: ReconcileCommit, nowMs: number): Statement[] {
  const { found, settled, setAside, remembered, dropped } = commit;
  const lists: [string, unknown[], ...number[]][] = [
    [ADD_FINDINGS, found],
    [DROP_FINDINGS, settled],
    [DROP_FINDINGS_OF_STORES, setAside],
    [REMEMBER, remembered, nowMs],
    [FORGET, dropped],
  ];
  return lists
    .filter(([, list]) => list.length > 0)
    .map(([sql, list, ...more]) => ({ sql, parameters: [id, token, JSON.stringify(list), ...more] }));
}

const IS_HELD = 'EXISTS (SELECT 1 FROM reconciliations WHERE id = ?1 AND lease_token = ?2)';

const CLAIM = `
  UPDATE reconciliations SET lease_token = ?2, lease_until_ms = ?4, attempts = attempts + 1, updated_at_ms = ?3
  WHERE id = ?1 AND state = 'running' AND (lease_token IS NULL OR lease_until_ms <= ?3)
  RETURNING ${RECONCILIATION_COLUMNS}`;

const ADVANCE = `
  UPDATE reconciliations SET
    state = ?3, position = ?4, tallies = ?5, attempts = 0, updated_at_ms = ?6,
    lease_token = CASE ?3 WHEN 'running' THEN lease_token END,
    lease_until_ms = CASE ?3 WHEN 'running' THEN ?7 END,
    finished_at_ms = CASE ?3 WHEN 'running' THEN NULL ELSE ?6 END
  WHERE id = ?1 AND lease_token = ?2`;

const RELEASE = `
  UPDATE reconciliations SET lease_token = NULL, lease_until_ms = NULL, updated_at_ms = ?3
  WHERE id = ?1 AND lease_token = ?2`;

const SELECT_FINDINGS = `
  SELECT store, kind, namespace, key, version, chunks FROM reconciliation_findings
  WHERE run_id = ?1
  ORDER BY kind, namespace, key, store
  LIMIT ?2`;

// A document of many chunks is found in several slices.
const ADD_FINDINGS = `
  INSERT INTO reconciliation_findings (run_id, store, kind, namespace, key, version, chunks)
  SELECT ?1, value ->> 'store', value ->> 'kind', value ->> 'namespace', value ->> 'key', value ->> 'version',
         value ->> 'chunks'
  FROM json_each(?3) WHERE ${IS_HELD}
  ON CONFLICT DO UPDATE SET version = excluded.version, chunks = chunks + excluded.chunks`;

const DROP_FINDINGS = `
  DELETE FROM reconciliation_findings
  WHERE run_id = ?1 AND (store, kind, namespace, key) IN (
    SELECT value ->> 'store', value ->> 'kind', value ->> 'namespace', value ->> 'key' FROM json_each(?3))
    AND ${IS_HELD}`;

const DROP_FINDINGS_OF_STORES = `
  DELETE FROM reconciliation_findings
  WHERE run_id = ?1 AND store IN (SELECT value FROM json_each(?3)) AND ${IS_HELD}`;

const REMEMBER = `
  INSERT INTO removed_chunks (namespace, chunk_id, removed_at_ms)
  SELECT value ->> 'namespace', value ->> 'chunkId', ?4 FROM json_each(?3) WHERE ${IS_HELD}
  ON CONFLICT DO UPDATE SET removed_at_ms = excluded.removed_at_ms`;

const FORGET = `
  DELETE FROM removed_chunks
  WHERE (namespace, chunk_id) IN (SELECT value ->> 'namespace', value ->> 'chunkId' FROM json_each(?3)) AND ${IS_HELD}`;
