import type { Arguments } from '../arguments.ts';
import { formatDecimal, parseDecimal } from '../decimal.ts';
import { SYNTAX_ERROR, WOULD_OVERFLOW, wrongArity } from '../error-texts.ts';
import type { HashField } from '../hash-fields.ts';
import { fitsInt64, parseInt64 } from '../integers.ts';
import type { Keyspace } from '../keyspace.ts';
import { CommandError, OK, type Reply } from '../reply.ts';
import { type CommandTable, firstKey, read, write } from './command.ts';
import { repeatRandomly } from './random-choice.ts';

export const HASH_COMMANDS: CommandTable = {
  hset: write(-4, firstKey, (args, keyspace) => setFields(args, keyspace, 'hset')),
  hmset: write(-4, firstKey, (args, keyspace) => {
    setFields(args, keyspace, 'hmset');
    return OK;
  }),
  hsetnx: write(4, firstKey, (args, keyspace) => {
    const id = keyspace.obtain(args.text(0), 'hash');
    return keyspace.hashes.setIfAbsent(id, args.text(1), args.text(2)) ? 1 : 0;
  }),
  hget: read(3, firstKey, (args, keyspace) => fieldOf(keyspace, args.text(0), args.text(1))),
  hmget: read(-3, firstKey, (args, keyspace) => {
    const entry = keyspace.findTyped(args.text(0), 'hash');
    return args.from(1).map((field) => (entry === null ? null : keyspace.hashes.get(entry.id, field)));
  }),
  hgetall: read(2, firstKey, (args, keyspace) => fieldsOf(keyspace, args.text(0)).flatMap(toPair)),
  hkeys: read(2, firstKey, (args, keyspace) => fieldsOf(keyspace, args.text(0)).map(({ field }) => field)),
  hvals: read(2, firstKey, (args, keyspace) => fieldsOf(keyspace, args.text(0)).map(({ value }) => value)),
  hexists: read(3, firstKey, (args, keyspace) => (fieldOf(keyspace, args.text(0), args.text(1)) === null ? 0 : 1)),
  hstrlen: read(3, firstKey, (args, keyspace) =>
    Buffer.byteLength(fieldOf(keyspace, args.text(0), args.text(1)) ?? ''),
  ),
  hlen: read(2, firstKey, (args, keyspace) => {
    const entry = keyspace.findTyped(args.text(0), 'hash');
    return entry === null ? 0 : keyspace.hashes.count(entry.id);
  }),
  hdel: write(-3, firstKey, deleteFields),
  hincrby: write(4, firstKey, incrementField),
  hincrbyfloat: write(4, firstKey, incrementFieldByFloat),
  hrandfield: read(-2, firstKey, randomFields),
};

function fieldOf(keyspace: Keyspace, key: string, field: string): string | null {
  const entry = keyspace.findTyped(key, 'hash');
  return entry === null ? null : keyspace.hashes.get(entry.id, field);
}

function fieldsOf(keyspace: Keyspace, key: string): HashField[] {
  const entry = keyspace.findTyped(key, 'hash');
  return entry === null ? [] : keyspace.hashes.all(entry.id);
}

function toPair({ field, value }: HashField): string[] {
  return [field, value];
}

function setFields(args: Arguments, keyspace: Keyspace, command: string): number {
  const pairs = args.pairsFrom(1);
  if (pairs === null) throw new CommandError(wrongArity(command));
  const id = keyspace.obtain(args.text(0), 'hash');
  return pairs.filter(([field, value]) => keyspace.hashes.set(id, field, value)).length;
}

function deleteFields(args: Arguments, keyspace: Keyspace): Reply {
  const entry = keyspace.findTyped(args.text(0), 'hash');
  if (entry === null) return 0;
  const removed = args.from(1).filter((field) => keyspace.hashes.delete(entry.id, field)).length;
  keyspace.removeIfEmpty(args.text(0), entry);
  return removed;
}

function incrementField(args: Arguments, keyspace: Keyspace): Reply {
  const delta = args.integer(2);
  const current = parseInt64(fieldOf(keyspace, args.text(0), args.text(1)) ?? '0');
  if (current === null) throw new CommandError('ERR hash value is not an integer');
  const next = current + delta;
  if (!fitsInt64(next)) throw new CommandError(WOULD_OVERFLOW);
  keyspace.hashes.set(keyspace.obtain(args.text(0), 'hash'), args.text(1), String(next));
  return next;
}

function incrementFieldByFloat(args: Arguments, keyspace: Keyspace): Reply {
  const delta = args.decimal(2);
  const current = parseDecimal(fieldOf(keyspace, args.text(0), args.text(1)) ?? '0');
  if (current === null) throw new CommandError('ERR hash value is not a float');
  const next = formatDecimal(current + delta);
  keyspace.hashes.set(keyspace.obtain(args.text(0), 'hash'), args.text(1), next);
  return next;
}

/** A positive count draws different fields, a negative one may repeat them. */
function randomFields(args: Arguments, keyspace: Keyspace): Reply {
  const withValues = args.count === 3 && args.word(2) === 'WITHVALUES';
  if (args.count > 2 && !withValues) throw new CommandError(SYNTAX_ERROR);
  const count = args.count === 1 ? null : args.safeInteger(1);
  const entry = keyspace.findTyped(args.text(0), 'hash');
  if (entry === null) return count === null ? null : [];
  if (count === null) return keyspace.hashes.random(entry.id, 1)[0]?.field ?? null;
  const chosen =
    count < 0 ? repeatRandomly(keyspace.hashes.all(entry.id), -count) : keyspace.hashes.random(entry.id, count);
  return withValues ? chosen.flatMap(toPair) : chosen.map(({ field }) => field);
}
