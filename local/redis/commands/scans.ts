import type { Arguments } from '../arguments.ts';
import { SYNTAX_ERROR } from '../error-texts.ts';
import { compileGlob } from '../glob.ts';
import type { Keyspace } from '../keyspace.ts';
import { CommandError, type Reply } from '../reply.ts';
import { type CommandTable, firstKey, noKeys, read } from './command.ts';

const DEFAULT_COUNT = 10;
const END_CURSOR = '0';

export const SCAN_COMMANDS: CommandTable = {
  keys: read(2, noKeys, (args, keyspace) => {
    const matches = compileGlob(args.text(0));
    return keyspace
      .scan(0, Number.MAX_SAFE_INTEGER)
      .map(({ key }) => key)
      .filter(matches);
  }),
  scan: read(-2, noKeys, scanKeys),
  hscan: read(-3, firstKey, scanHash),
  sscan: read(-3, firstKey, scanSet),
};

interface ScanOptions {
  matches: (text: string) => boolean;
  count: number;
  type: string | null;
  withValues: boolean;
}

function scanKeys(args: Arguments, keyspace: Keyspace): Reply {
  const cursor = readCursor(args, 0);
  const { count, matches, type } = readOptions(args, 1, ['MATCH', 'COUNT', 'TYPE']);
  const visited = keyspace.scan(cursor, count);
  const found = visited.filter((item) => (type === null || item.type === type) && matches(item.key));
  return [nextCursor(visited, count), found.map(({ key }) => key)];
}

function scanHash(args: Arguments, keyspace: Keyspace): Reply {
  const cursor = readCursor(args, 1);
  const { count, matches, withValues } = readOptions(args, 2, ['MATCH', 'COUNT', 'NOVALUES']);
  const entry = keyspace.findTyped(args.text(0), 'hash');
  const visited = entry === null ? [] : keyspace.hashes.scan(entry.id, cursor, count);
  const found = visited.filter(({ field }) => matches(field));
  return [nextCursor(visited, count), found.flatMap(({ field, value }) => (withValues ? [field, value] : [field]))];
}

function scanSet(args: Arguments, keyspace: Keyspace): Reply {
  const cursor = readCursor(args, 1);
  const { count, matches } = readOptions(args, 2, ['MATCH', 'COUNT']);
  const entry = keyspace.findTyped(args.text(0), 'set');
  const visited = entry === null ? [] : keyspace.sets.scan(entry.id, cursor, count);
  return [nextCursor(visited, count), visited.map(({ member }) => member).filter(matches)];
}

/** COUNT limits what is visited, not what is found: a page may well be empty before the end. */
function nextCursor(visited: readonly { id: number }[], count: number): string {
  const last = visited.at(-1);
  return last === undefined || visited.length < count ? END_CURSOR : String(last.id);
}

function readCursor(args: Arguments, index: number): number {
  const cursor = /^\d+$/.test(args.text(index)) ? Number(args.text(index)) : Number.NaN;
  if (!Number.isSafeInteger(cursor)) throw new CommandError('ERR invalid cursor');
  return cursor;
}

function readOptions(args: Arguments, start: number, allowed: readonly string[]): ScanOptions {
  const options: ScanOptions = { matches: () => true, count: DEFAULT_COUNT, type: null, withValues: true };
  for (let index = start; index < args.count; index += 1) {
    const word = args.word(index);
    if (!allowed.includes(word)) throw new CommandError(SYNTAX_ERROR);
    if (word === 'NOVALUES') {
      options.withValues = false;
      continue;
    }
    index += 1;
    if (word === 'MATCH') options.matches = compileGlob(args.text(index));
    else if (word === 'TYPE') options.type = args.text(index).toLowerCase();
    else options.count = args.safeInteger(index);
  }
  if (options.count < 1) throw new CommandError(SYNTAX_ERROR);
  return options;
}
