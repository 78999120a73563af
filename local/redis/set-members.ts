import type { DatabaseSync } from 'node:sqlite';
import { integerColumn, type Row, textColumn } from './columns.ts';

export interface SetMember {
  id: number;
  member: string;
}

/** The members of sets, by the id of the entry that owns them. */
export class SetMembers {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  /** Returns whether the member is new. */
  add(entryId: number, member: string): boolean {
    return this.#statements.add.run(entryId, member).changes !== 0;
  }

  delete(entryId: number, member: string): boolean {
    return this.#statements.delete.run(entryId, member).changes !== 0;
  }

  has(entryId: number, member: string): boolean {
    return this.#statements.has.get(entryId, member) !== undefined;
  }

  count(entryId: number): number {
    return integerColumn(this.#statements.count.get(entryId) ?? {}, 'total');
  }

  all(entryId: number): string[] {
    return this.#statements.all.all(entryId).map((row) => textColumn(row, 'member'));
  }

  scan(entryId: number, afterId: number, limit: number): SetMember[] {
    return this.#statements.scan.all(entryId, afterId, limit).map(toMember);
  }

  /** Up to `limit` different members. */
  random(entryId: number, limit: number): string[] {
    return this.#statements.random.all(entryId, limit).map((row) => textColumn(row, 'member'));
  }

  copy(entryId: number, copyId: number): void {
    this.#statements.copy.run(copyId, entryId);
  }
}

function toMember(row: Row): SetMember {
  return { id: integerColumn(row, 'id'), member: textColumn(row, 'member') };
}

function prepareStatements(database: DatabaseSync) {
  return {
    add: database.prepare('INSERT OR IGNORE INTO set_members (entry_id, member) VALUES (?, ?)'),
    delete: database.prepare('DELETE FROM set_members WHERE entry_id = ? AND member = ?'),
    has: database.prepare('SELECT 1 FROM set_members WHERE entry_id = ? AND member = ?'),
    count: database.prepare('SELECT count(*) AS total FROM set_members WHERE entry_id = ?'),
    all: database.prepare('SELECT member FROM set_members WHERE entry_id = ? ORDER BY id'),
    scan: database.prepare('SELECT id, member FROM set_members WHERE entry_id = ? AND id > ? ORDER BY id LIMIT ?'),
    random: database.prepare('SELECT member FROM set_members WHERE entry_id = ? ORDER BY random() LIMIT ?'),
    copy: database.prepare(`
      INSERT INTO set_members (entry_id, member) SELECT ?, member FROM set_members WHERE entry_id = ? ORDER BY id`),
  };
}
