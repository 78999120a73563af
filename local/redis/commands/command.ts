import type { Arguments } from '../arguments.ts';
import type { Keyspace } from '../keyspace.ts';
import type { Reply } from '../reply.ts';

type Handler = (args: Arguments, keyspace: Keyspace) => Reply;

/** Which arguments are keys, for the key size limit. */
type KeysOf = (values: readonly string[]) => readonly string[];

export interface Command {
  access: 'read' | 'write';
  /** As Redis counts: the name included, negative for «at least». */
  arity: number;
  keysOf: KeysOf;
  run: Handler;
}

export type CommandTable = Readonly<Record<string, Command>>;

export function read(arity: number, keysOf: KeysOf, run: Handler): Command {
  return { access: 'read', arity, keysOf, run };
}

export function write(arity: number, keysOf: KeysOf, run: Handler): Command {
  return { access: 'write', arity, keysOf, run };
}

export const noKeys: KeysOf = () => [];
export const firstKey: KeysOf = (values) => values.slice(0, 1);
export const firstTwoKeys: KeysOf = (values) => values.slice(0, 2);
export const everyKey: KeysOf = (values) => values;
export const alternateKeys: KeysOf = (values) => values.filter((_, index) => index % 2 === 0);
