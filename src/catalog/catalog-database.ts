import * as z from 'zod';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import { classifyD1Error } from '../resilience/d1-errors.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';

export interface Statement {
  sql: string;
  /** At most 100, D1's limit: lists are bound as one JSON array and read by `json_each`. */
  parameters: (string | number | null)[];
}

export interface StatementResult {
  rows: unknown[];
  /** Rows inserted, changed or deleted, by triggers too. */
  changes: number;
}

/**
 * The catalog's D1 database behind `callUpstream`. A timed-out write may still have happened. Without a session every
 * query goes to the primary, so that what was written is read at once
 * (https://developers.cloudflare.com/d1/best-practices/read-replication/).
 */
export interface CatalogDatabase {
  /** One transaction, one round trip. */
  batch(
    operation: string,
    statements: Statement[],
    deadline: Deadline,
  ): Promise<Result<StatementResult[], UpstreamError>>;
}

export interface CatalogDatabaseOptions {
  db: D1Database;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

export function createCatalogDatabase({ db, callUpstream, timeoutMs }: CatalogDatabaseOptions): CatalogDatabase {
  return {
    async batch(operation, statements, deadline) {
      if (statements.length === 0) return succeed([]);
      const call = { dependency: 'catalog', operation, deadline, timeoutMs, classify: classifyD1Error };
      return callUpstream(call, async () => {
        const results = await db.batch(statements.map(({ sql, parameters }) => db.prepare(sql).bind(...parameters)));
        return results.map(({ results: rows, meta }) => ({ rows, changes: meta.changes }));
      });
    },
  };
}

/** Rows by their schema. A row that does not fit is a bug or a missing migration, so it throws. */
export function parseRows<T>(schema: z.ZodType<T>, result: StatementResult | undefined): T[] {
  return z.array(schema).parse(result?.rows ?? []);
}
