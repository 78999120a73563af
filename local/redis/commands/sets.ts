import type { Arguments } from '../arguments.ts';
import { SYNTAX_ERROR, sizeExceeded } from '../error-texts.ts';
import type { Keyspace } from '../keyspace.ts';
import { MAX_MEMBER_BYTES } from '../limits.ts';
import { CommandError, type Reply } from '../reply.ts';
import { type Command, type CommandTable, everyKey, firstKey, firstTwoKeys, read, write } from './command.ts';
import { repeatRandomly } from './random-choice.ts';

type Combine = (sets: readonly ReadonlySet<string>[]) => ReadonlySet<string>;

const union: Combine = (sets) => new Set(sets.flatMap((set) => [...set]));
const intersection: Combine = ([first = new Set(), ...others]) =>
  new Set([...first].filter((member) => others.every((set) => set.has(member))));
const difference: Combine = ([first = new Set(), ...others]) =>
  new Set([...first].filter((member) => !others.some((set) => set.has(member))));

export const SET_COMMANDS: CommandTable = {
  sadd: write(-3, firstKey, (args, keyspace) => addMembers(keyspace, args.text(0), args.from(1))),
  srem: write(-3, firstKey, removeMembers),
  sismember: read(3, firstKey, (args, keyspace) => (isMember(keyspace, args.text(0), args.text(1)) ? 1 : 0)),
  smismember: read(-3, firstKey, (args, keyspace) =>
    args.from(1).map((member) => (isMember(keyspace, args.text(0), member) ? 1 : 0)),
  ),
  smembers: read(2, firstKey, (args, keyspace) => membersOf(keyspace, args.text(0))),
  scard: read(2, firstKey, (args, keyspace) => {
    const entry = keyspace.findTyped(args.text(0), 'set');
    return entry === null ? 0 : keyspace.sets.count(entry.id);
  }),
  spop: write(-2, firstKey, popMembers),
  srandmember: read(-2, firstKey, randomMembers),
  smove: write(4, firstTwoKeys, moveMember),
  sunion: combined(union),
  sinter: combined(intersection),
  sdiff: combined(difference),
  sunionstore: storedCombination(union),
  sinterstore: storedCombination(intersection),
  sdiffstore: storedCombination(difference),
};

function membersOf(keyspace: Keyspace, key: string): string[] {
  const entry = keyspace.findTyped(key, 'set');
  return entry === null ? [] : keyspace.sets.all(entry.id);
}

function isMember(keyspace: Keyspace, key: string, member: string): boolean {
  const entry = keyspace.findTyped(key, 'set');
  return entry !== null && keyspace.sets.has(entry.id, member);
}

function addMembers(keyspace: Keyspace, key: string, members: readonly string[]): number {
  const id = keyspace.obtain(key, 'set');
  for (const member of members) {
    const bytes = Buffer.byteLength(member);
    if (bytes > MAX_MEMBER_BYTES) throw new CommandError(sizeExceeded('member', MAX_MEMBER_BYTES, bytes));
  }
  return members.filter((member) => keyspace.sets.add(id, member)).length;
}

function removeMembers(args: Arguments, keyspace: Keyspace): Reply {
  const entry = keyspace.findTyped(args.text(0), 'set');
  if (entry === null) return 0;
  const removed = args.from(1).filter((member) => keyspace.sets.delete(entry.id, member)).length;
  keyspace.removeIfEmpty(args.text(0), entry);
  return removed;
}

function popMembers(args: Arguments, keyspace: Keyspace): Reply {
  if (args.count > 2) throw new CommandError(SYNTAX_ERROR);
  const count = args.count === 1 ? null : args.safeInteger(1);
  if (count !== null && count < 0) throw new CommandError('ERR value is out of range, must be positive');
  const entry = keyspace.findTyped(args.text(0), 'set');
  if (entry === null) return count === null ? null : [];
  const popped = keyspace.sets.random(entry.id, count ?? 1);
  for (const member of popped) keyspace.sets.delete(entry.id, member);
  keyspace.removeIfEmpty(args.text(0), entry);
  return count === null ? (popped[0] ?? null) : popped;
}

/** A positive count draws different members, a negative one may repeat them. */
function randomMembers(args: Arguments, keyspace: Keyspace): Reply {
  if (args.count > 2) throw new CommandError(SYNTAX_ERROR);
  const count = args.count === 1 ? null : args.safeInteger(1);
  const entry = keyspace.findTyped(args.text(0), 'set');
  if (entry === null) return count === null ? null : [];
  if (count === null) return keyspace.sets.random(entry.id, 1)[0] ?? null;
  return count < 0 ? repeatRandomly(keyspace.sets.all(entry.id), -count) : keyspace.sets.random(entry.id, count);
}

function moveMember(args: Arguments, keyspace: Keyspace): Reply {
  const [source, destination, member] = [args.text(0), args.text(1), args.text(2)];
  const entry = keyspace.findTyped(source, 'set');
  keyspace.findTyped(destination, 'set');
  if (entry === null || !keyspace.sets.has(entry.id, member)) return 0;
  if (source === destination) return 1;
  keyspace.sets.delete(entry.id, member);
  keyspace.removeIfEmpty(source, entry);
  addMembers(keyspace, destination, [member]);
  return 1;
}

function combined(combine: Combine): Command {
  return read(-2, everyKey, (args, keyspace) => [...combine(setsOf(keyspace, args.values))]);
}

/** Replaces the destination, whatever it held; an empty outcome leaves no key. */
function storedCombination(combine: Combine): Command {
  return write(-3, everyKey, (args, keyspace) => {
    const members = [...combine(setsOf(keyspace, args.from(1)))];
    keyspace.remove(args.text(0));
    return members.length === 0 ? 0 : addMembers(keyspace, args.text(0), members);
  });
}

function setsOf(keyspace: Keyspace, keys: readonly string[]): ReadonlySet<string>[] {
  return keys.map((key) => new Set(membersOf(keyspace, key)));
}
