import type { DatabaseSync } from 'node:sqlite';
import { bytesColumn, integerColumn, optionalIntegerColumn, type Row, textColumn } from './columns.ts';
import { sizeExceeded, WRONG_TYPE } from './error-texts.ts';
import { HashFields } from './hash-fields.ts';
import { MAX_RECORD_BYTES } from './limits.ts';
import { CommandError } from './reply.ts';
import { SetMembers } from './set-members.ts';

export type ValueType = 'string' | 'hash' | 'set';

export interface Entry {
  id: number;
  type: ValueType;
  expiresAtMs: number | null;
}

/** What a write does to the key's time to live. */
export type Expiry = { kind: 'none' } | { kind: 'keep' } | { kind: 'at'; atMs: number };

export interface ScannedKey {
  id: number;
  key: string;
  type: ValueType;
}

/** The keys of the database and their typed values, as one request sees them: expired keys are gone when it begins. */
export class Keyspace {
  readonly hashes: HashFields;
  readonly sets: SetMembers;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #nowMs = 0;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
    this.hashes = new HashFields(database);
    this.sets = new SetMembers(database);
  }

  /** The instant the whole request happens at, as Redis freezes its clock while a command or transaction runs. */
  get nowMs(): number {
    return this.#nowMs;
  }

  beginRequest(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#statements.removeExpired.run(nowMs);
  }

  find(key: string): Entry | null {
    const row = this.#statements.find.get(key);
    return row === undefined ? null : toEntry(row);
  }

  /** Throws WRONGTYPE when the key holds something else. */
  findTyped(key: string, type: ValueType): Entry | null {
    const entry = this.find(key);
    if (entry !== null && entry.type !== type) throw new CommandError(WRONG_TYPE);
    return entry;
  }

  /** The id of the hash or set at `key`, which is created empty when absent; the caller fills it. */
  obtain(key: string, type: 'hash' | 'set'): number {
    const entry = this.findTyped(key, type);
    return entry === null ? this.#create(key, type, null) : entry.id;
  }

  getString(key: string): Uint8Array | null {
    if (this.findTyped(key, 'string') === null) return null;
    const row = this.#statements.value.get(key);
    return row === undefined ? null : bytesColumn(row, 'value');
  }

  /** Replaces whatever the key held. An expiry that is not in the future leaves no key behind. */
  setString(key: string, value: Uint8Array, expiry: Expiry): void {
    if (value.length > MAX_RECORD_BYTES) {
      throw new CommandError(sizeExceeded('single record', MAX_RECORD_BYTES, value.length));
    }
    const existing = this.find(key);
    if (existing !== null && existing.type !== 'string') this.remove(key);
    const expiresAtMs = resolveExpiry(expiry, existing);
    if (expiresAtMs !== null && expiresAtMs <= this.#nowMs) this.remove(key);
    else this.#statements.putString.run(key, value, expiresAtMs);
  }

  setExpiry(key: string, expiresAtMs: number | null): void {
    if (expiresAtMs !== null && expiresAtMs <= this.#nowMs) this.remove(key);
    else this.#statements.setExpiry.run(expiresAtMs, key);
  }

  remove(key: string): boolean {
    return this.#statements.remove.run(key).changes !== 0;
  }

  /** A hash or set that lost its last element ceases to exist. */
  removeIfEmpty(key: string, entry: Entry): void {
    const size = entry.type === 'hash' ? this.hashes.count(entry.id) : this.sets.count(entry.id);
    if (size === 0) this.remove(key);
  }

  /** Replaces `destination`; value and expiry move along. */
  rename(source: string, destination: string): void {
    if (source === destination) return;
    this.remove(destination);
    this.#statements.rename.run(destination, source);
  }

  /** Replaces `destination` by a copy of the value and expiry. */
  copy(source: string, entry: Entry, destination: string): void {
    this.remove(destination);
    if (entry.type === 'string') {
      this.#statements.copyString.run(destination, source);
      return;
    }
    const copyId = this.#create(destination, entry.type, entry.expiresAtMs);
    if (entry.type === 'hash') this.hashes.copy(entry.id, copyId);
    else this.sets.copy(entry.id, copyId);
  }

  scan(afterId: number, limit: number): ScannedKey[] {
    return this.#statements.scan.all(afterId, limit).map((row) => ({
      id: integerColumn(row, 'id'),
      key: textColumn(row, 'key'),
      type: toValueType(textColumn(row, 'type')),
    }));
  }

  randomKey(): string | null {
    const row = this.#statements.randomKey.get();
    return row === undefined ? null : textColumn(row, 'key');
  }

  count(): number {
    return integerColumn(this.#statements.count.get() ?? {}, 'total');
  }

  countExpiring(): number {
    return integerColumn(this.#statements.countExpiring.get() ?? {}, 'total');
  }

  clear(): void {
    this.#statements.clear.run();
  }

  #create(key: string, type: 'hash' | 'set', expiresAtMs: number | null): number {
    return Number(this.#statements.create.run(key, type, expiresAtMs).lastInsertRowid);
  }
}

function resolveExpiry(expiry: Expiry, existing: Entry | null): number | null {
  switch (expiry.kind) {
    case 'none':
      return null;
    case 'keep':
      return existing?.expiresAtMs ?? null;
    case 'at':
      return expiry.atMs;
  }
}

function toEntry(row: Row): Entry {
  return {
    id: integerColumn(row, 'id'),
    type: toValueType(textColumn(row, 'type')),
    expiresAtMs: optionalIntegerColumn(row, 'expires_at_ms'),
  };
}

function toValueType(text: string): ValueType {
  if (text === 'string' || text === 'hash' || text === 'set') return text;
  throw new TypeError(`unknown value type ${text}`);
}

function prepareStatements(database: DatabaseSync) {
  return {
    removeExpired: database.prepare('DELETE FROM entries WHERE expires_at_ms <= ?'),
    find: database.prepare('SELECT id, type, expires_at_ms FROM entries WHERE key = ?'),
    value: database.prepare('SELECT value FROM entries WHERE key = ?'),
    create: database.prepare('INSERT INTO entries (key, type, expires_at_ms) VALUES (?, ?, ?)'),
    putString: database.prepare(`
      INSERT INTO entries (key, type, value, expires_at_ms) VALUES (?, 'string', ?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at_ms = excluded.expires_at_ms`),
    setExpiry: database.prepare('UPDATE entries SET expires_at_ms = ? WHERE key = ?'),
    remove: database.prepare('DELETE FROM entries WHERE key = ?'),
    rename: database.prepare('UPDATE entries SET key = ? WHERE key = ?'),
    copyString: database.prepare(`
      INSERT INTO entries (key, type, value, expires_at_ms) SELECT ?, type, value, expires_at_ms FROM entries WHERE key = ?`),
    scan: database.prepare('SELECT id, key, type FROM entries WHERE id > ? ORDER BY id LIMIT ?'),
    randomKey: database.prepare('SELECT key FROM entries ORDER BY random() LIMIT 1'),
    count: database.prepare('SELECT count(*) AS total FROM entries'),
    countExpiring: database.prepare('SELECT count(*) AS total FROM entries WHERE expires_at_ms IS NOT NULL'),
    clear: database.prepare('DELETE FROM entries'),
  };
}
