import * as z from 'zod';
import type { NamespaceState } from '../namespaces/namespace-state.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows, type Statement, type StatementResult } from './catalog-database.ts';

/** The states of namespaces where they are never lost; triggers move them together with the documents. */
export interface NamespaceStateRecords {
  /** `null` when there is no such namespace. */
  read(namespace: string, deadline: Deadline): Promise<Result<NamespaceState | null, UpstreamError>>;
  /** Makes everything gone that was made so far. `null` when there is no such namespace. */
  purge(namespace: string, deadline: Deadline): Promise<Result<NamespaceState | null, UpstreamError>>;
}

const countersRow = z.object({
  content: z.number(),
  purge: z.number(),
  horizon: z.number(),
  erasedUpTo: z.number(),
  unnamedFrom: z.number().nullable(),
  unnamedUpTo: z.number().nullable(),
});
const retiredRow = z.object({ documentId: z.string(), version: z.number() });

// Each from one end of an index: by itself, or all of it would be read.
const UNNAMED = (end: 'min' | 'max') =>
  `(SELECT ${end}(version) FROM document_versions WHERE namespace = ?1 AND is_unnamed = 1)`;

const SELECT_COUNTERS = `
  SELECT content, purge, horizon, erased_up_to AS erasedUpTo,
    ${UNNAMED('min')} AS unnamedFrom, ${UNNAMED('max')} AS unnamedUpTo
  FROM namespaces WHERE namespace = ?1`;

const SELECT_RETIRED = `
  SELECT document_id AS documentId, version FROM retired_versions WHERE namespace = ?1 ORDER BY n`;

const PURGE = `
  UPDATE namespaces SET purge = purge + 1 WHERE namespace = ?1 AND deleted_at_ms IS NULL
  RETURNING purge`;

/** What `stateOf` reads. */
export function selectState(namespace: string): Statement[] {
  return [SELECT_COUNTERS, SELECT_RETIRED].map((sql) => ({ sql, parameters: [namespace] }));
}

export function createNamespaceStateRecords(database: CatalogDatabase): NamespaceStateRecords {
  return {
    async read(namespace, deadline) {
      const read = await database.batch('read-namespace-state', selectState(namespace), deadline);
      return read.ok ? succeed(stateOf(read.value)) : read;
    },
    async purge(namespace, deadline) {
      const statements = [{ sql: PURGE, parameters: [namespace] }, ...selectState(namespace)];
      const purged = await database.batch('purge-namespace', statements, deadline);
      if (!purged.ok) return purged;
      const [moved, ...read] = purged.value;
      return succeed(moved?.rows.length === 1 ? stateOf(read) : null);
    },
  };
}

export function stateOf([counted, retired]: StatementResult[]): NamespaceState | null {
  const [row] = parseRows(countersRow, counted);
  if (row === undefined) return null;
  const { unnamedFrom, unnamedUpTo, ...counters } = row;
  return {
    ...counters,
    unnamed: unnamedFrom === null || unnamedUpTo === null ? null : [unnamedFrom, unnamedUpTo],
    retired: parseRows(retiredRow, retired).map(({ documentId, version }) => [documentId, version]),
  };
}
