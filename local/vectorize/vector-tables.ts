import { DatabaseSync, type StatementSync } from 'node:sqlite';
import * as z from 'zod';
import { INDEX_TYPES, type IndexedValues, indexedValuesSchema, type MetadataIndex } from './metadata.ts';

export type MutationKind = 'insert' | 'upsert' | 'delete';

export interface StoredVector {
  id: string;
  namespace: string | null;
  values: Float32Array;
  /** Compact JSON, parsed only for the few vectors that are returned. */
  metadata: string | null;
  indexed: IndexedValues;
}

export interface Mutation {
  seq: number;
  mutationId: string;
  kind: MutationKind;
  acceptedAtMs: number;
}

export interface Processed {
  mutationId: string;
  acceptedAtMs: number;
}

// A space is one instance of one index. Accepted mutations wait in a log until they become visible.
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS spaces (
    space INTEGER PRIMARY KEY, index_name TEXT NOT NULL, instance TEXT NOT NULL,
    processed_mutation TEXT, processed_accepted_at_ms INTEGER, UNIQUE (index_name, instance)) STRICT;
  CREATE TABLE IF NOT EXISTS metadata_indexes (
    space INTEGER NOT NULL, property TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (space, property)) STRICT;
  CREATE TABLE IF NOT EXISTS vectors (
    space INTEGER NOT NULL, id TEXT NOT NULL, namespace TEXT, vector BLOB NOT NULL, metadata TEXT,
    indexed TEXT NOT NULL, PRIMARY KEY (space, id)) STRICT;
  CREATE TABLE IF NOT EXISTS mutations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL, mutation_id TEXT NOT NULL, kind TEXT NOT NULL,
    accepted_at_ms INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS mutation_vectors (
    seq INTEGER NOT NULL, position INTEGER NOT NULL, id TEXT NOT NULL, namespace TEXT, vector BLOB, metadata TEXT,
    indexed TEXT, PRIMARY KEY (seq, position)) STRICT;
`;

const APPLY: Record<MutationKind, string> = {
  insert: `INSERT OR IGNORE INTO vectors (space, id, namespace, vector, metadata, indexed)
    SELECT ?, id, namespace, vector, metadata, indexed FROM mutation_vectors WHERE seq = ? ORDER BY position`,
  upsert: `INSERT OR REPLACE INTO vectors (space, id, namespace, vector, metadata, indexed)
    SELECT ?, id, namespace, vector, metadata, indexed FROM mutation_vectors WHERE seq = ? ORDER BY position`,
  delete: 'DELETE FROM vectors WHERE space = ? AND id IN (SELECT id FROM mutation_vectors WHERE seq = ?)',
};

const vectorRowSchema = z
  .object({
    id: z.string(),
    namespace: z.string().nullable(),
    vector: z.instanceof(Uint8Array),
    metadata: z.string().nullable(),
    indexed: z
      .string()
      .transform((json): unknown => JSON.parse(json))
      .pipe(indexedValuesSchema),
  })
  // Copied, because a Float32Array has to start at a multiple of four bytes.
  .transform(({ vector, ...row }): StoredVector => ({ ...row, values: new Float32Array(vector.slice().buffer) }));

const mutationRowSchema = z.object({
  seq: z.int(),
  mutationId: z.string(),
  kind: z.enum(['insert', 'upsert', 'delete']),
  acceptedAtMs: z.int(),
});
const spaceRowSchema = z.object({ space: z.int() });
const processedRowSchema = z.object({ mutationId: z.string(), acceptedAtMs: z.int() });
const metadataIndexRowSchema = z.object({ property: z.string(), type: z.enum(INDEX_TYPES) });
const idRowSchema = z.object({ id: z.string() });

export type VectorTables = ReturnType<typeof openVectorTables>;

/** Everything Vectorize keeps, in one SQLite file that survives the process at any moment. */
export function openVectorTables(path: string) {
  const db = new DatabaseSync(path);
  db.exec(SCHEMA);
  const statements = new Map<string, StatementSync>();

  function sql(text: string): StatementSync {
    const statement = statements.get(text) ?? db.prepare(text);
    statements.set(text, statement);
    return statement;
  }

  function inTransaction<T>(work: () => T): T {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  }

  function log(space: number, { mutationId, kind, acceptedAtMs }: Omit<Mutation, 'seq'>): number {
    const { lastInsertRowid } = sql(
      'INSERT INTO mutations (space, mutation_id, kind, accepted_at_ms) VALUES (?, ?, ?, ?)',
    ).run(space, mutationId, kind, acceptedAtMs);
    return Number(lastInsertRowid);
  }

  return {
    close: () => db.close(),

    spaceOf(indexName: string, instance: string): number {
      sql('INSERT OR IGNORE INTO spaces (index_name, instance) VALUES (?, ?)').run(indexName, instance);
      const row = sql('SELECT space FROM spaces WHERE index_name = ? AND instance = ?').get(indexName, instance);
      return spaceRowSchema.parse(row).space;
    },

    metadataIndexes(space: number): MetadataIndex[] {
      const rows = sql('SELECT property, type FROM metadata_indexes WHERE space = ? ORDER BY rowid').all(space);
      return z.array(metadataIndexRowSchema).parse(rows);
    },

    addMetadataIndex(space: number, { property, type }: MetadataIndex): void {
      sql('INSERT INTO metadata_indexes (space, property, type) VALUES (?, ?, ?)').run(space, property, type);
    },

    vectors(space: number): StoredVector[] {
      const rows = sql(
        'SELECT id, namespace, vector, metadata, indexed FROM vectors WHERE space = ? ORDER BY rowid',
      ).all(space);
      return z.array(vectorRowSchema).parse(rows);
    },

    logVectors(space: number, mutation: Omit<Mutation, 'seq'>, vectors: StoredVector[]): void {
      inTransaction(() => {
        const seq = log(space, mutation);
        const insert = sql(
          `INSERT INTO mutation_vectors (seq, position, id, namespace, vector, metadata, indexed)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        );
        for (const [position, { id, namespace, values, metadata, indexed }] of vectors.entries()) {
          const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
          insert.run(seq, position, id, namespace, bytes, metadata, JSON.stringify(indexed));
        }
      });
    },

    logDeletion(space: number, mutation: Omit<Mutation, 'seq'>, ids: string[]): void {
      inTransaction(() => {
        const seq = log(space, mutation);
        const insert = sql('INSERT INTO mutation_vectors (seq, position, id) VALUES (?, ?, ?)');
        for (const [position, id] of ids.entries()) insert.run(seq, position, id);
      });
    },

    /** In the order of acceptance. */
    pendingMutations(space: number): Mutation[] {
      const rows = sql(
        `SELECT seq, mutation_id AS mutationId, kind, accepted_at_ms AS acceptedAtMs
         FROM mutations WHERE space = ? ORDER BY seq`,
      ).all(space);
      return z.array(mutationRowSchema).parse(rows);
    },

    loggedVectors(seq: number): StoredVector[] {
      const rows = sql(
        'SELECT id, namespace, vector, metadata, indexed FROM mutation_vectors WHERE seq = ? ORDER BY position',
      ).all(seq);
      return z.array(vectorRowSchema).parse(rows);
    },

    loggedIds(seq: number): string[] {
      const rows = sql('SELECT id FROM mutation_vectors WHERE seq = ? ORDER BY position').all(seq);
      return z
        .array(idRowSchema)
        .parse(rows)
        .map(({ id }) => id);
    },

    /** Makes the mutation part of the index and drops it from the log. */
    apply(space: number, { seq, kind, mutationId, acceptedAtMs }: Mutation): void {
      inTransaction(() => {
        sql(APPLY[kind]).run(space, seq);
        sql('DELETE FROM mutation_vectors WHERE seq = ?').run(seq);
        sql('DELETE FROM mutations WHERE seq = ?').run(seq);
        sql('UPDATE spaces SET processed_mutation = ?, processed_accepted_at_ms = ? WHERE space = ?').run(
          mutationId,
          acceptedAtMs,
          space,
        );
      });
    },

    lastProcessed(space: number): Processed | null {
      const row = sql(
        `SELECT processed_mutation AS mutationId, processed_accepted_at_ms AS acceptedAtMs
         FROM spaces WHERE space = ? AND processed_mutation IS NOT NULL`,
      ).get(space);
      return row ? processedRowSchema.parse(row) : null;
    },
  };
}
