import type { Arguments } from '../arguments.ts';
import { SYNTAX_ERROR, sizeExceeded, wrongArity } from '../error-texts.ts';
import type { Expiry, Keyspace } from '../keyspace.ts';
import { MAX_RECORD_BYTES } from '../limits.ts';
import { CommandError, OK, type Reply } from '../reply.ts';
import { alternateKeys, type CommandTable, everyKey, firstKey, read, write } from './command.ts';
import { type ExpiryUnit, isExpiryUnit, readExpiry } from './expiry-option.ts';

const NO_EXPIRY: Expiry = { kind: 'none' };
const KEEP_EXPIRY: Expiry = { kind: 'keep' };

export const STRING_COMMANDS: CommandTable = {
  get: read(2, firstKey, (args, keyspace) => keyspace.getString(args.text(0))),
  set: write(-3, firstKey, set),
  setex: write(4, firstKey, setWithExpiry('setex', 'EX')),
  psetex: write(4, firstKey, setWithExpiry('psetex', 'PX')),
  setnx: write(3, firstKey, (args, keyspace) => {
    if (keyspace.find(args.text(0)) !== null) return 0;
    keyspace.setString(args.text(0), Buffer.from(args.text(1)), NO_EXPIRY);
    return 1;
  }),
  getset: write(3, firstKey, (args, keyspace) => {
    const old = keyspace.getString(args.text(0));
    keyspace.setString(args.text(0), Buffer.from(args.text(1)), NO_EXPIRY);
    return old;
  }),
  getdel: write(2, firstKey, (args, keyspace) => {
    const value = keyspace.getString(args.text(0));
    keyspace.remove(args.text(0));
    return value;
  }),
  getex: write(-2, firstKey, getEx),
  mget: read(-2, everyKey, (args, keyspace) => args.values.map((key) => stringOrNull(keyspace, key))),
  mset: write(-3, alternateKeys, (args, keyspace) => {
    for (const [key, value] of keyValuePairs(args, 'mset')) keyspace.setString(key, Buffer.from(value), NO_EXPIRY);
    return OK;
  }),
  msetnx: write(-3, alternateKeys, (args, keyspace) => {
    const pairs = keyValuePairs(args, 'msetnx');
    if (pairs.some(([key]) => keyspace.find(key) !== null)) return 0;
    for (const [key, value] of pairs) keyspace.setString(key, Buffer.from(value), NO_EXPIRY);
    return 1;
  }),
  append: write(3, firstKey, (args, keyspace) => {
    const value = Buffer.concat([keyspace.getString(args.text(0)) ?? Buffer.alloc(0), Buffer.from(args.text(1))]);
    keyspace.setString(args.text(0), value, KEEP_EXPIRY);
    return value.length;
  }),
  strlen: read(2, firstKey, (args, keyspace) => keyspace.getString(args.text(0))?.length ?? 0),
  getrange: read(4, firstKey, getRange),
  setrange: write(4, firstKey, setRange),
};

interface SetOptions {
  condition: 'always' | 'if-absent' | 'if-present';
  expiry: Expiry;
  returnsOld: boolean;
}

function set(args: Arguments, keyspace: Keyspace): Reply {
  const key = args.text(0);
  const options = readSetOptions(args, keyspace.nowMs);
  const old = options.returnsOld ? keyspace.getString(key) : null;
  const exists = keyspace.find(key) !== null;
  const isRefused = (options.condition === 'if-absent' && exists) || (options.condition === 'if-present' && !exists);
  if (!isRefused) keyspace.setString(key, Buffer.from(args.text(1)), options.expiry);
  if (options.returnsOld) return old;
  return isRefused ? null : OK;
}

function readSetOptions(args: Arguments, nowMs: number): SetOptions {
  const options: SetOptions = { condition: 'always', expiry: NO_EXPIRY, returnsOld: false };
  for (let index = 2; index < args.count; index += 1) {
    const word = args.word(index);
    if ((word === 'NX' || word === 'XX') && options.condition === 'always') {
      options.condition = word === 'NX' ? 'if-absent' : 'if-present';
    } else if (word === 'GET') {
      options.returnsOld = true;
    } else if (word === 'KEEPTTL' && options.expiry.kind === 'none') {
      options.expiry = KEEP_EXPIRY;
    } else if (isExpiryUnit(word) && options.expiry.kind === 'none') {
      index += 1;
      options.expiry = { kind: 'at', atMs: readExpiry(args, index, word, nowMs, 'set') };
    } else {
      throw new CommandError(SYNTAX_ERROR);
    }
  }
  return options;
}

function setWithExpiry(command: string, unit: ExpiryUnit) {
  return (args: Arguments, keyspace: Keyspace): Reply => {
    const atMs = readExpiry(args, 1, unit, keyspace.nowMs, command);
    keyspace.setString(args.text(0), Buffer.from(args.text(2)), { kind: 'at', atMs });
    return OK;
  };
}

function getEx(args: Arguments, keyspace: Keyspace): Reply {
  const key = args.text(0);
  const expiry = readGetExOption(args, keyspace.nowMs);
  const value = keyspace.getString(key);
  if (value === null || expiry.kind === 'keep') return value;
  keyspace.setExpiry(key, expiry.kind === 'at' ? expiry.atMs : null);
  return value;
}

function readGetExOption(args: Arguments, nowMs: number): Expiry {
  if (args.count === 1) return KEEP_EXPIRY;
  const word = args.word(1);
  if (word === 'PERSIST' && args.count === 2) return NO_EXPIRY;
  if (!isExpiryUnit(word) || args.count !== 3) throw new CommandError(SYNTAX_ERROR);
  return { kind: 'at', atMs: readExpiry(args, 2, word, nowMs, 'getex') };
}

/** MGET passes over keys of another type instead of failing. */
function stringOrNull(keyspace: Keyspace, key: string): Uint8Array | null {
  return keyspace.find(key)?.type === 'string' ? keyspace.getString(key) : null;
}

function keyValuePairs(args: Arguments, command: string): readonly (readonly [string, string])[] {
  const pairs = args.pairsFrom(0);
  if (pairs === null) throw new CommandError(wrongArity(command));
  return pairs;
}

/** Offsets are bytes, both ends included, negative ones count from the end. */
function getRange(args: Arguments, keyspace: Keyspace): Reply {
  const start = args.safeInteger(1);
  const end = args.safeInteger(2);
  const value = keyspace.getString(args.text(0));
  if (value === null || (start < 0 && end < 0 && start > end)) return '';
  const from = Math.max(start < 0 ? value.length + start : start, 0);
  const to = Math.max(end < 0 ? value.length + end : end, 0);
  return from > to ? '' : value.subarray(from, to + 1);
}

function setRange(args: Arguments, keyspace: Keyspace): Reply {
  const key = args.text(0);
  const offset = args.safeInteger(1);
  if (offset < 0) throw new CommandError('ERR offset is out of range');
  const old = keyspace.getString(key) ?? Buffer.alloc(0);
  const patch = Buffer.from(args.text(2));
  if (patch.length === 0) return old.length;
  const length = Math.max(old.length, offset + patch.length);
  if (length > MAX_RECORD_BYTES) throw new CommandError(sizeExceeded('single record', MAX_RECORD_BYTES, length));
  const value = Buffer.alloc(length);
  value.set(old);
  value.set(patch, offset);
  keyspace.setString(key, value, KEEP_EXPIRY);
  return length;
}
