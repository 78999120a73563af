import type { Arguments } from '../arguments.ts';
import type { Entry } from '../keyspace.ts';
import { CommandError } from '../reply.ts';
import { type Command, type CommandTable, firstKey, read, write } from './command.ts';
import { type ExpiryUnit, expiryInstant } from './expiry-option.ts';

const MISSING_KEY = -2;
const NO_EXPIRY = -1;

export const EXPIRY_COMMANDS: CommandTable = {
  expire: expire('expire', 'EX'),
  pexpire: expire('pexpire', 'PX'),
  expireat: expire('expireat', 'EXAT'),
  pexpireat: expire('pexpireat', 'PXAT'),
  ttl: readExpiryOf((atMs, nowMs) => toSeconds(atMs - nowMs)),
  pttl: readExpiryOf((atMs, nowMs) => atMs - nowMs),
  expiretime: readExpiryOf((atMs) => toSeconds(atMs)),
  pexpiretime: readExpiryOf((atMs) => atMs),
  persist: write(2, firstKey, (args, keyspace) => {
    const entry = keyspace.find(args.text(0));
    if (entry === null || entry.expiresAtMs === null) return 0;
    keyspace.setExpiry(args.text(0), null);
    return 1;
  }),
};

type Condition = (entry: Entry, atMs: number) => boolean;

function expire(name: string, unit: ExpiryUnit): Command {
  return write(-3, firstKey, (args, keyspace) => {
    const atMs = expiryInstant(args.integer(1), unit, keyspace.nowMs, name);
    const conditions = readConditions(args);
    const entry = keyspace.find(args.text(0));
    if (entry === null || !conditions.every((holds) => holds(entry, atMs))) return 0;
    keyspace.setExpiry(args.text(0), atMs);
    return 1;
  });
}

/** A key without expiry counts as living for ever. */
const CONDITIONS: ReadonlyMap<string, Condition> = new Map<string, Condition>([
  ['NX', (entry) => entry.expiresAtMs === null],
  ['XX', (entry) => entry.expiresAtMs !== null],
  ['GT', (entry, atMs) => atMs > (entry.expiresAtMs ?? Number.POSITIVE_INFINITY)],
  ['LT', (entry, atMs) => atMs < (entry.expiresAtMs ?? Number.POSITIVE_INFINITY)],
]);

function readConditions(args: Arguments): Condition[] {
  const words = new Set(args.from(2).map((value) => value.toUpperCase()));
  if (words.has('NX') && (words.has('XX') || words.has('GT') || words.has('LT'))) {
    throw new CommandError('ERR NX and XX, GT or LT options at the same time are not compatible');
  }
  if (words.has('GT') && words.has('LT')) {
    throw new CommandError('ERR GT and LT options at the same time are not compatible');
  }
  return args.from(2).map((value) => {
    const condition = CONDITIONS.get(value.toUpperCase());
    if (condition === undefined) throw new CommandError(`ERR Unsupported option ${value}`);
    return condition;
  });
}

function readExpiryOf(view: (atMs: number, nowMs: number) => number): Command {
  return read(2, firstKey, (args, keyspace) => {
    const entry = keyspace.find(args.text(0));
    if (entry === null) return MISSING_KEY;
    return entry.expiresAtMs === null ? NO_EXPIRY : view(entry.expiresAtMs, keyspace.nowMs);
  });
}

/** Redis rounds to the nearest second, so a key set for 10 s reports 10 at first. */
function toSeconds(ms: number): number {
  return Math.floor((ms + 500) / 1_000);
}
