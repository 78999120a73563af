import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Row ids serve as SCAN cursors: they are stable while a key lives, so a scan returns every key that was there throughout.
 * Fields and members hang on the id, so that a rename is one update and a delete takes them along.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL CHECK (type IN ('string', 'hash', 'set')),
    value BLOB CHECK ((value IS NOT NULL) = (type = 'string')),
    expires_at_ms INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

  CREATE TABLE IF NOT EXISTS hash_fields (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (entry_id, field)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS hash_fields_by_entry ON hash_fields (entry_id);

  CREATE TABLE IF NOT EXISTS set_members (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    member TEXT NOT NULL,
    UNIQUE (entry_id, member)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS set_members_by_entry ON set_members (entry_id);

  CREATE TABLE IF NOT EXISTS write_counter (id INTEGER PRIMARY KEY CHECK (id = 1), writes INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO write_counter (id, writes) VALUES (1, 0);
`;

/** Opens, and creates if needed, `<stateDir>/redis.sqlite`. */
export function openDatabase(stateDir: string): DatabaseSync {
  mkdirSync(stateDir, { recursive: true });
  const database = new DatabaseSync(join(stateDir, 'redis.sqlite'), { timeout: 5_000 });
  // A commit in WAL mode is in the operating system's hands when it returns, so NORMAL outlives a killed process; only a
  // power cut could take the last commits, and paying an fsync a request for that is not worth it here.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  database.exec(SCHEMA);
  return database;
}
