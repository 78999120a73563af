import type { DatabaseSync } from 'node:sqlite';
import { integerColumn, type Row, textColumn } from './columns.ts';

export interface HashField {
  id: number;
  field: string;
  value: string;
}

/** The fields of hashes, by the id of the entry that owns them, in the order they were first set. */
export class HashFields {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  get(entryId: number, field: string): string | null {
    const row = this.#statements.get.get(entryId, field);
    return row === undefined ? null : textColumn(row, 'value');
  }

  /** Returns whether the field is new. */
  set(entryId: number, field: string, value: string): boolean {
    if (this.setIfAbsent(entryId, field, value)) return true;
    this.#statements.update.run(value, entryId, field);
    return false;
  }

  setIfAbsent(entryId: number, field: string, value: string): boolean {
    return this.#statements.insert.run(entryId, field, value).changes !== 0;
  }

  delete(entryId: number, field: string): boolean {
    return this.#statements.delete.run(entryId, field).changes !== 0;
  }

  count(entryId: number): number {
    return integerColumn(this.#statements.count.get(entryId) ?? {}, 'total');
  }

  all(entryId: number): HashField[] {
    return this.#statements.all.all(entryId).map(toField);
  }

  scan(entryId: number, afterId: number, limit: number): HashField[] {
    return this.#statements.scan.all(entryId, afterId, limit).map(toField);
  }

  /** Up to `limit` different fields. */
  random(entryId: number, limit: number): HashField[] {
    return this.#statements.random.all(entryId, limit).map(toField);
  }

  copy(entryId: number, copyId: number): void {
    this.#statements.copy.run(copyId, entryId);
  }
}

function toField(row: Row): HashField {
  return { id: integerColumn(row, 'id'), field: textColumn(row, 'field'), value: textColumn(row, 'value') };
}

function prepareStatements(database: DatabaseSync) {
  return {
    get: database.prepare('SELECT value FROM hash_fields WHERE entry_id = ? AND field = ?'),
    insert: database.prepare('INSERT OR IGNORE INTO hash_fields (entry_id, field, value) VALUES (?, ?, ?)'),
    update: database.prepare('UPDATE hash_fields SET value = ? WHERE entry_id = ? AND field = ?'),
    delete: database.prepare('DELETE FROM hash_fields WHERE entry_id = ? AND field = ?'),
    count: database.prepare('SELECT count(*) AS total FROM hash_fields WHERE entry_id = ?'),
    all: database.prepare('SELECT id, field, value FROM hash_fields WHERE entry_id = ? ORDER BY id'),
    scan: database.prepare(
      'SELECT id, field, value FROM hash_fields WHERE entry_id = ? AND id > ? ORDER BY id LIMIT ?',
    ),
    random: database.prepare('SELECT id, field, value FROM hash_fields WHERE entry_id = ? ORDER BY random() LIMIT ?'),
    copy: database.prepare(`
      INSERT INTO hash_fields (entry_id, field, value)
      SELECT ?, field, value FROM hash_fields WHERE entry_id = ? ORDER BY id`),
  };
}
