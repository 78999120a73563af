import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Other processes (a second stack, a bench) write to the same file; each write lasts well under a millisecond. */
const BUSY_TIMEOUT_MS = 10_000;

export interface EmbeddingCache {
  get(text: string): Float32Array | null;
  /** Best effort: a full disk or a long lock costs a computation later, not this one's caller. */
  put(text: string, vector: Float32Array): void;
  close(): void;
}

/** Vectors on disk by content hash, shared by every process that opens the same directory. */
export function openEmbeddingCache(options: { directory: string; model: string; dimensions: number }): EmbeddingCache {
  const { directory, model, dimensions } = options;
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, 'embeddings.sqlite'), { timeout: BUSY_TIMEOUT_MS });
  switchToWal(database);
  // A lost entry is only computed again, so a commit need not wait for the disk.
  database.exec('PRAGMA synchronous = NORMAL');
  database.exec('CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL)');
  const select = database.prepare('SELECT vector FROM embeddings WHERE key = ?');
  const insert = database.prepare('INSERT OR REPLACE INTO embeddings (key, vector) VALUES (?, ?)');
  const keyOf = (text: string) => createHash('sha256').update(`${model}\0${text}`).digest();

  return {
    get(text) {
      const blob = select.get(keyOf(text))?.vector;
      if (!(blob instanceof Uint8Array) || blob.byteLength !== dimensions * Float32Array.BYTES_PER_ELEMENT) return null;
      return new Float32Array(Uint8Array.from(blob).buffer);
    },
    put(text, vector) {
      try {
        insert.run(keyOf(text), new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
      } catch (error) {
        if (!isSqliteError(error)) throw error;
      }
    },
    close: () => database.close(),
  };
}

/**
 * SQLite does not wait out `busy_timeout` while it changes the journal mode, so of several processes opening a new file
 * at once some are refused. A refused one goes on: the file is in WAL mode as soon as the winner is done.
 */
function switchToWal(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA journal_mode = WAL');
  } catch (error) {
    if (!isSqliteError(error) || !error.message.includes('locked')) throw error;
  }
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}
