import type { Arguments } from '../arguments.ts';
import { NO_SUCH_KEY, SYNTAX_ERROR } from '../error-texts.ts';
import type { Keyspace } from '../keyspace.ts';
import { CommandError, OK, type Reply } from '../reply.ts';
import { type CommandTable, everyKey, firstKey, firstTwoKeys, noKeys, read, write } from './command.ts';

export const GENERIC_COMMANDS: CommandTable = {
  del: write(-2, everyKey, removeKeys),
  // Unlike Redis, Upstash accepts UNLINK without keys: the official client's own tests do it.
  unlink: write(-1, everyKey, removeKeys),
  exists: read(-2, everyKey, countExisting),
  touch: read(-2, everyKey, countExisting),
  type: read(2, firstKey, (args, keyspace) => keyspace.find(args.text(0))?.type ?? 'none'),
  rename: write(3, firstTwoKeys, (args, keyspace) => {
    if (keyspace.find(args.text(0)) === null) throw new CommandError(NO_SUCH_KEY);
    keyspace.rename(args.text(0), args.text(1));
    return OK;
  }),
  renamenx: write(3, firstTwoKeys, (args, keyspace) => {
    if (keyspace.find(args.text(0)) === null) throw new CommandError(NO_SUCH_KEY);
    if (keyspace.find(args.text(1)) !== null) return 0;
    keyspace.rename(args.text(0), args.text(1));
    return 1;
  }),
  copy: write(-3, firstTwoKeys, copyKey),
  randomkey: read(1, noKeys, (_args, keyspace) => keyspace.randomKey()),
};

function removeKeys(args: Arguments, keyspace: Keyspace): Reply {
  return args.values.filter((key) => keyspace.remove(key)).length;
}

/** A key given twice counts twice. */
function countExisting(args: Arguments, keyspace: Keyspace): Reply {
  return args.values.filter((key) => keyspace.find(key) !== null).length;
}

function copyKey(args: Arguments, keyspace: Keyspace): Reply {
  const [source, destination] = [args.text(0), args.text(1)];
  const replaces = args.count === 3 && args.word(2) === 'REPLACE';
  if (args.count > 2 && !replaces) throw new CommandError(SYNTAX_ERROR);
  if (source === destination) throw new CommandError('ERR source and destination objects are the same');
  const entry = keyspace.find(source);
  if (entry === null || (!replaces && keyspace.find(destination) !== null)) return 0;
  keyspace.copy(source, entry, destination);
  return 1;
}
