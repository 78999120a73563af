import type { Arguments } from '../arguments.ts';
import { formatDecimal, parseDecimal } from '../decimal.ts';
import { NOT_A_FLOAT, NOT_AN_INTEGER, WOULD_OVERFLOW } from '../error-texts.ts';
import { fitsInt64, parseInt64 } from '../integers.ts';
import type { Keyspace } from '../keyspace.ts';
import { CommandError, type Reply } from '../reply.ts';
import { type CommandTable, firstKey, write } from './command.ts';

export const COUNTER_COMMANDS: CommandTable = {
  incr: write(2, firstKey, (args, keyspace) => increment(keyspace, args.text(0), 1n)),
  decr: write(2, firstKey, (args, keyspace) => increment(keyspace, args.text(0), -1n)),
  incrby: write(3, firstKey, (args, keyspace) => increment(keyspace, args.text(0), args.integer(1))),
  decrby: write(3, firstKey, (args, keyspace) => increment(keyspace, args.text(0), -args.integer(1))),
  incrbyfloat: write(3, firstKey, incrementByFloat),
};

function increment(keyspace: Keyspace, key: string, delta: bigint): Reply {
  const text = textOf(keyspace, key);
  const current = parseInt64(text);
  if (current === null) throw new CommandError(NOT_AN_INTEGER);
  const next = current + delta;
  if (!fitsInt64(next)) throw new CommandError(WOULD_OVERFLOW);
  keyspace.setString(key, Buffer.from(String(next)), { kind: 'keep' });
  return next;
}

function incrementByFloat(args: Arguments, keyspace: Keyspace): Reply {
  const key = args.text(0);
  const delta = args.decimal(1);
  const current = parseDecimal(textOf(keyspace, key));
  if (current === null) throw new CommandError(NOT_A_FLOAT);
  const next = formatDecimal(current + delta);
  keyspace.setString(key, Buffer.from(next), { kind: 'keep' });
  return next;
}

/** A missing counter starts at zero. */
function textOf(keyspace: Keyspace, key: string): string {
  const value = keyspace.getString(key);
  return value === null ? '0' : Buffer.from(value).toString('latin1');
}
