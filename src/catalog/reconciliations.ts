import * as z from 'zod';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';
import { RECONCILIATION_COLUMNS, type Reconciliation, reconciliationRow } from './reconciliation-record.ts';

export type NewReconciliation = Pick<Reconciliation, 'id' | 'namespace' | 'isForced' | 'requestedBy' | 'position'>;

/** Runs as they are begun, found and read. */
export interface Reconciliations {
  /** Begins one, unless one is running: then its id. */
  start(
    run: NewReconciliation,
    nowMs: number,
    deadline: Deadline,
  ): Promise<Result<{ kind: 'started' } | { kind: 'running'; id: string }, UpstreamError>>;
  /** Begins one when the last scheduled one, or the first namespace, is older than the interval; `false` if not. */
  startIfDue(
    run: NewReconciliation,
    options: { intervalMs: number; nowMs: number },
    deadline: Deadline,
  ): Promise<Result<boolean, UpstreamError>>;
  /** The running one if nothing was heard of it for so long; from now on it counts as heard of. */
  findSilent(
    options: { silentMs: number; nowMs: number },
    deadline: Deadline,
  ): Promise<Result<string | null, UpstreamError>>;
  find(id: string, deadline: Deadline): Promise<Result<Reconciliation | null, UpstreamError>>;
  /** Newest first. */
  latest(limit: number, deadline: Deadline): Promise<Result<Reconciliation[], UpstreamError>>;
}

export function createReconciliations(database: CatalogDatabase): Reconciliations {
  return {
    async start(run, nowMs, deadline) {
      const statements = [
        { sql: START, parameters: beginning(run, nowMs) },
        { sql: 'SELECT id FROM reconciliations WHERE state = ?1', parameters: ['running'] },
        ...TIDYING,
      ];
      const started = await database.batch('start-reconciliation', statements, deadline);
      if (!started.ok) return started;
      const [running] = parseRows(idRow, started.value[1]);
      if (running === undefined) throw new Error('no reconciliation is running after one was started');
      return succeed(running.id === run.id ? { kind: 'started' } : { kind: 'running', id: running.id });
    },

    async startIfDue(run, { intervalMs, nowMs }, deadline) {
      const start = { sql: START_IF_DUE, parameters: [...beginning(run, nowMs), nowMs - intervalMs] };
      const started = await database.batch('start-reconciliation', [start, ...TIDYING], deadline);
      return started.ok ? succeed(started.value[0]?.changes === 1) : started;
    },

    async findSilent({ silentMs, nowMs }, deadline) {
      const find = { sql: FIND_SILENT, parameters: [nowMs, nowMs - silentMs] };
      const found = await database.batch('find-reconciliation', [find], deadline);
      return found.ok ? succeed(parseRows(idRow, found.value[0])[0]?.id ?? null) : found;
    },

    async find(id, deadline) {
      const find = { sql: `SELECT ${RECONCILIATION_COLUMNS} FROM reconciliations WHERE id = ?1`, parameters: [id] };
      const found = await database.batch('read-reconciliation', [find], deadline);
      return found.ok ? succeed(parseRows(reconciliationRow, found.value[0])[0] ?? null) : found;
    },

    async latest(limit, deadline) {
      const list = { sql: LATEST, parameters: [limit] };
      const listed = await database.batch('list-reconciliations', [list], deadline);
      return listed.ok ? succeed(parseRows(reconciliationRow, listed.value[0])) : listed;
    },
  };
}

const idRow = z.object({ id: z.string() });

function beginning({ id, namespace, isForced, requestedBy, position }: NewReconciliation, nowMs: number) {
  return [id, namespace, isForced ? 1 : 0, requestedBy, JSON.stringify(position), nowMs];
}

const COLUMNS = `id, namespace, is_forced, requested_by, state, position, tallies, started_at_ms, updated_at_ms`;

const START = `
  INSERT INTO reconciliations (${COLUMNS})
  VALUES (?1, ?2, ?3, ?4, 'running', ?5, '{}', ?6, ?6)
  ON CONFLICT DO NOTHING`;

const START_IF_DUE = `
  INSERT INTO reconciliations (${COLUMNS})
  SELECT ?1, ?2, ?3, ?4, 'running', ?5, '{}', ?6, ?6
  WHERE ?7 >= COALESCE(
    (SELECT MAX(started_at_ms) FROM reconciliations WHERE requested_by = 'schedule'),
    (SELECT MIN(created_at_ms) FROM namespaces))
  ON CONFLICT DO NOTHING`;

// The last hundred reports are enough of a history.
const TIDYING = [
  `DELETE FROM reconciliations
   WHERE state <> 'running' AND id NOT IN (SELECT id FROM reconciliations ORDER BY id DESC LIMIT 100)`,
  `DELETE FROM reconciliation_findings WHERE run_id NOT IN (SELECT id FROM reconciliations WHERE state = 'running')`,
].map((sql) => ({ sql, parameters: [] }));

const FIND_SILENT = `
  UPDATE reconciliations SET updated_at_ms = ?1
  WHERE state = 'running' AND updated_at_ms <= ?2 AND (lease_token IS NULL OR lease_until_ms <= ?1)
  RETURNING id`;

const LATEST = `SELECT ${RECONCILIATION_COLUMNS} FROM reconciliations ORDER BY id DESC LIMIT ?1`;
