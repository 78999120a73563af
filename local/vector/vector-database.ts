import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { measureVector, type SimilarityFunction } from './similarity.ts';
import type { StoredVector } from './vector-namespace.ts';

/** What an index is created with and keeps for life. */
export interface IndexSettings {
  dimension: number;
  similarity: SimilarityFunction;
  embeddingModel: string | null;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS index_settings (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), settings TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS namespaces (name TEXT PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS vectors (
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    vector BLOB NOT NULL,
    metadata TEXT,
    data TEXT,
    written_at_ms INTEGER NOT NULL,
    PRIMARY KEY (namespace, id)
  );
`;

const settingsRow = z.object({ settings: z.string() });
const namespaceRow = z.object({ name: z.string() });
const vectorRow = z.object({
  id: z.string(),
  sequence: z.number(),
  vector: z.instanceof(Uint8Array),
  metadata: z.string().nullable(),
  data: z.string().nullable(),
  written_at_ms: z.number(),
});
const storedMetadata = z.record(z.string(), z.unknown());

/** The vectors on disk. Every method has written to SQLite's log when it returns, so a killed process loses nothing. */
export class VectorDatabase {
  readonly #database: DatabaseSync;

  /** Throws when the directory holds an index with other settings: its vectors would be meaningless under these. */
  constructor(stateDir: string, settings: IndexSettings) {
    mkdirSync(stateDir, { recursive: true });
    const path = join(stateDir, 'vector.sqlite');
    this.#database = new DatabaseSync(path);
    this.#database.exec(SCHEMA);
    const wanted = JSON.stringify([settings.dimension, settings.similarity, settings.embeddingModel]);
    this.#database.prepare('INSERT OR IGNORE INTO index_settings VALUES (1, ?)').run(wanted);
    const found = settingsRow.parse(this.#database.prepare('SELECT settings FROM index_settings').get()).settings;
    if (found !== wanted) {
      this.#database.close();
      throw new Error(`${path} holds an index created with ${found}, not ${wanted}: use another state directory`);
    }
    this.createNamespace('');
  }

  close(): void {
    this.#database.close();
  }

  namespaces(): string[] {
    const rows = this.#database.prepare('SELECT name FROM namespaces ORDER BY rowid').all();
    return rows.map((row) => namespaceRow.parse(row).name);
  }

  /** The vectors of a namespace in the order of insertion. */
  vectors(namespace: string): StoredVector[] {
    const statement = this.#database.prepare(
      'SELECT id, sequence, vector, metadata, data, written_at_ms FROM vectors WHERE namespace = ? ORDER BY sequence',
    );
    return statement.all(namespace).map((row) => {
      const { id, sequence, vector, metadata, data, written_at_ms } = vectorRow.parse(row);
      // Copied, because the bytes SQLite hands out need not be aligned for floats.
      const values = new Float32Array(vector.slice().buffer);
      return {
        id,
        sequence,
        vector: measureVector(values),
        metadata: metadata === null ? null : storedMetadata.parse(JSON.parse(metadata)),
        data,
        byteSize: storedByteSize(values, metadata, data),
        writtenAtMs: written_at_ms,
      };
    });
  }

  createNamespace(name: string): void {
    this.#database.prepare('INSERT OR IGNORE INTO namespaces VALUES (?)').run(name);
  }

  deleteNamespace(name: string): void {
    this.#inTransaction(() => {
      this.clear(name);
      this.#database.prepare('DELETE FROM namespaces WHERE name = ?').run(name);
    });
  }

  /** Creates the namespace where needed. */
  put(namespace: string, vectors: StoredVector[]): void {
    this.#inTransaction(() => {
      this.createNamespace(namespace);
      const statement = this.#database.prepare('INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?, ?, ?)');
      for (const { id, sequence, vector, metadata, data, writtenAtMs } of vectors) {
        const { buffer, byteOffset, byteLength } = vector.values;
        const blob = new Uint8Array(buffer, byteOffset, byteLength);
        const json = metadata === null ? null : JSON.stringify(metadata);
        statement.run(namespace, id, sequence, blob, json, data, writtenAtMs);
      }
    });
  }

  remove(namespace: string, ids: string[]): void {
    this.#inTransaction(() => {
      const statement = this.#database.prepare('DELETE FROM vectors WHERE namespace = ? AND id = ?');
      for (const id of ids) statement.run(namespace, id);
    });
  }

  clear(namespace: string): void {
    this.#database.prepare('DELETE FROM vectors WHERE namespace = ?').run(namespace);
  }

  #inTransaction(write: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      write();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** The documented price formula: four bytes a dimension plus metadata and data. */
export function storedByteSize(values: Float32Array, metadataJson: string | null, data: string | null): number {
  return values.byteLength + Buffer.byteLength(metadataJson ?? '') + Buffer.byteLength(data ?? '');
}
