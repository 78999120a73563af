import * as z from 'zod';
import { type OperatorFlags, operatorFlagState } from '../namespaces/operator-flag.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';

/** Operators' orders where they are never lost. */
export interface OperatorFlagRecords {
  read(deadline: Deadline): Promise<Result<OperatorFlags, UpstreamError>>;
  /** Keeps the newer order of each dependency, and answers with all that are kept. */
  merge(flags: OperatorFlags, deadline: Deadline): Promise<Result<OperatorFlags, UpstreamError>>;
}

const row = z.object({
  dependency: z.string(),
  state: operatorFlagState,
  changed_at_ms: z.number(),
  changed_by: z.string(),
});

const SELECT = 'SELECT dependency, state, changed_at_ms, changed_by FROM operator_flags';

const MERGE = `
  INSERT INTO operator_flags (dependency, state, changed_at_ms, changed_by)
  SELECT key, value ->> 'state', value ->> 'changedAtMs', value ->> 'changedBy' FROM json_each(?1) WHERE true
  ON CONFLICT (dependency) DO UPDATE SET
    state = excluded.state, changed_at_ms = excluded.changed_at_ms, changed_by = excluded.changed_by
  WHERE excluded.changed_at_ms > changed_at_ms`;

export function createOperatorFlagRecords(database: CatalogDatabase): OperatorFlagRecords {
  const select = { sql: SELECT, parameters: [] };
  return {
    async read(deadline) {
      const read = await database.batch('read-operator-flags', [select], deadline);
      return read.ok ? succeed(flagsOf(parseRows(row, read.value[0]))) : read;
    },
    async merge(flags, deadline) {
      const merge = { sql: MERGE, parameters: [JSON.stringify(flags)] };
      const merged = await database.batch('merge-operator-flags', [merge, select], deadline);
      return merged.ok ? succeed(flagsOf(parseRows(row, merged.value[1]))) : merged;
    },
  };
}

function flagsOf(rows: z.infer<typeof row>[]): OperatorFlags {
  return Object.fromEntries(
    rows.map(({ dependency, state, changed_at_ms: changedAtMs, changed_by: changedBy }) => [
      dependency,
      { state, changedAtMs, changedBy },
    ]),
  );
}
