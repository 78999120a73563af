import * as z from 'zod';
import type { MetadataFilter } from '../retrieval/filters/metadata-filter.ts';
import { metadataFilterSchema } from '../retrieval/filters/metadata-filter-schema.ts';
import { toSqlCondition } from '../retrieval/filters/to-sql-condition.ts';

const VERSION = 1;

const stored = z.discriminatedUnion('kind', [
  z.object({ v: z.literal(VERSION), kind: z.literal('filter'), filter: metadataFilterSchema }),
  z.object({ v: z.literal(VERSION), kind: z.literal('ids'), ids: z.array(z.string()) }),
  z.object({ v: z.literal(VERSION), kind: z.literal('namespace') }),
]);

/** Which documents of a namespace are to be deleted. */
export type DeletionTarget =
  | { kind: 'filter'; filter: MetadataFilter }
  | { kind: 'ids'; ids: string[] }
  | { kind: 'namespace' };

export function encodeTarget(target: DeletionTarget): string {
  return JSON.stringify({ v: VERSION, ...target } satisfies z.infer<typeof stored>);
}

/** @throws when it was written by a newer version of Vigil: deleting something else would be worse. */
export const storedTarget = z.string().transform((json): DeletionTarget => stored.parse(JSON.parse(json)));

/** The target in SQL, with one parameter for all that it names. */
export interface TargetCondition {
  /** Documents d of the namespace ?2 that come into question, as a FROM clause. */
  source: string;
  /** Holds for a row v of `document_versions`; never NULL. */
  matches: string;
  parameter: string;
}

export function targetCondition(target: DeletionTarget, parameter: string): TargetCondition {
  const everyDocument = `FROM documents d WHERE d.namespace = ?2`;
  switch (target.kind) {
    case 'namespace':
      return { source: everyDocument, matches: '1', parameter: '[]' };
    case 'ids': {
      // The join's order is the one written: a look-up for each id, not a scan of the namespace.
      const named = `FROM json_each(${parameter}) j CROSS JOIN documents d
        ON d.namespace = ?2 AND d.document_id = j.value WHERE true`;
      return { source: named, matches: '1', parameter: JSON.stringify(target.ids) };
    }
    case 'filter': {
      const { sql, operands } = toSqlCondition(target.filter, 'v.metadata', parameter);
      return { source: everyDocument, matches: sql, parameter: operands };
    }
  }
}
