import type { Arguments } from '../arguments.ts';
import { SYNTAX_ERROR, wrongArity } from '../error-texts.ts';
import type { Keyspace } from '../keyspace.ts';
import { CommandError, OK, type Reply } from '../reply.ts';
import { type CommandTable, noKeys, read, write } from './command.ts';

export const SERVER_COMMANDS: CommandTable = {
  ping: read(-1, noKeys, (args) => {
    if (args.count > 1) throw new CommandError(wrongArity('ping'));
    return args.count === 0 ? 'PONG' : args.text(0);
  }),
  echo: read(2, noKeys, (args) => args.text(0)),
  dbsize: read(1, noKeys, (_args, keyspace) => keyspace.count()),
  flushdb: write(-1, noKeys, flush),
  flushall: write(-1, noKeys, flush),
  time: read(1, noKeys, (_args, { nowMs }) => [String(Math.floor(nowMs / 1_000)), String((nowMs % 1_000) * 1_000)]),
  // The sections Upstash answers are undocumented; these lines keep Redis's format.
  info: read(-1, noKeys, (_args, keyspace) =>
    [
      '# Server',
      'redis_mode:standalone',
      '# Keyspace',
      `db0:keys=${keyspace.count()},expires=${keyspace.countExpiring()},avg_ttl=0`,
      '',
    ].join('\r\n'),
  ),
};

function flush(args: Arguments, keyspace: Keyspace): Reply {
  const isPlain = args.count === 0 || (args.count === 1 && ['ASYNC', 'SYNC'].includes(args.word(0)));
  if (!isPlain) throw new CommandError(SYNTAX_ERROR);
  keyspace.clear();
  return OK;
}
