import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../src/clock.ts';
import { fail, type Result, succeed } from '../../src/result.ts';
import { Arguments } from './arguments.ts';
import { integerColumn } from './columns.ts';
import type { Command } from './commands/command.ts';
import { COMMANDS } from './commands/command-set.ts';
import { sizeExceeded, unavailableCommand, wrongArity } from './error-texts.ts';
import { Keyspace } from './keyspace.ts';
import { MAX_KEY_BYTES, MAX_REQUEST_BYTES } from './limits.ts';
import { openDatabase } from './persistence.ts';
import { CommandError, type Reply, replyBytes } from './reply.ts';
import type { ParsedCommand } from './request-body.ts';

export type Outcome = Result<Reply, string>;

const TRANSACTION_DISCARDED = 'EXECABORT Transaction discarded because of previous errors.';

interface Invocation {
  name: string;
  command: Command;
  values: readonly string[];
}

/** Runs the commands of one request at a time, all in one database transaction that is on disk before they are answered. */
export class RedisEngine {
  readonly #database: DatabaseSync;
  readonly #keyspace: Keyspace;
  readonly #clock: Clock;
  readonly #writes: { count: StatementSync; increment: StatementSync };
  readonly #commandCounts = new Map<string, number>();

  constructor(stateDir: string, clock: Clock) {
    this.#database = openDatabase(stateDir);
    this.#keyspace = new Keyspace(this.#database);
    this.#clock = clock;
    this.#writes = {
      count: this.#database.prepare('SELECT writes FROM write_counter'),
      increment: this.#database.prepare('UPDATE write_counter SET writes = writes + 1'),
    };
  }

  runOne(command: readonly string[]): Outcome {
    return this.#inTransaction(() => this.#resolveAndInvoke(succeed(command)));
  }

  /** Each command succeeds or fails for itself. */
  runEach(commands: readonly ParsedCommand[]): Outcome[] {
    return this.#inTransaction(() => commands.map((command) => this.#resolveAndInvoke(command)));
  }

  /**
   * Nothing runs when any command could not have been queued. Once running, a failing command does not stop the others,
   * as in Redis: https://upstash.com/docs/redis/features/restapi#transactions
   */
  runAtomically(commands: readonly ParsedCommand[]): Result<Outcome[], string> {
    const invocations: Invocation[] = [];
    for (const parsed of commands) {
      const invocation = parsed.ok ? resolve(parsed.value) : parsed;
      if (!invocation.ok) return fail(TRANSACTION_DISCARDED);
      invocations.push(invocation.value);
    }
    return succeed(this.#inTransaction(() => invocations.map((invocation) => this.#invoke(invocation))));
  }

  /** Differs after every write, across restarts too. */
  syncToken(): string {
    return `local-${integerColumn(this.#writes.count.get() ?? {}, 'writes')}`;
  }

  /** Billed commands by name since the start or the last reset: each one of a pipeline or transaction counts. */
  commandCounts(): Record<string, number> {
    return Object.fromEntries(this.#commandCounts);
  }

  resetCommandCounts(): void {
    this.#commandCounts.clear();
  }

  close(): void {
    this.#database.close();
  }

  #inTransaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#keyspace.beginRequest(this.#clock.nowMs());
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #resolveAndInvoke(parsed: ParsedCommand): Outcome {
    const invocation = parsed.ok ? resolve(parsed.value) : parsed;
    return invocation.ok ? this.#invoke(invocation.value) : invocation;
  }

  #invoke({ name, command, values }: Invocation): Outcome {
    this.#commandCounts.set(name, (this.#commandCounts.get(name) ?? 0) + 1);
    return command.access === 'read' ? this.#answer(command, values) : this.#write(command, values);
  }

  /** A command that fails half-way leaves nothing behind. */
  #write(command: Command, values: readonly string[]): Outcome {
    this.#database.exec('SAVEPOINT command');
    const outcome = this.#answer(command, values);
    if (outcome.ok) this.#writes.increment.run();
    else this.#database.exec('ROLLBACK TO command');
    this.#database.exec('RELEASE command');
    return outcome;
  }

  #answer(command: Command, values: readonly string[]): Outcome {
    try {
      const reply = command.run(new Arguments(values), this.#keyspace);
      const bytes = replyBytes(reply);
      // The request limit holds for what a command loads as well:
      // https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded
      return bytes > MAX_REQUEST_BYTES ? fail(sizeExceeded('request', MAX_REQUEST_BYTES, bytes)) : succeed(reply);
    } catch (error) {
      if (error instanceof CommandError) return fail(error.message);
      throw error;
    }
  }
}

/** What Redis checks before it queues a command: that it exists, its arity, and Upstash's key size. */
function resolve(values: readonly string[]): Result<Invocation, string> {
  const [givenName = '', ...rest] = values;
  const name = givenName.toLowerCase();
  const command = COMMANDS.get(name);
  if (command === undefined) return fail(unavailableCommand(givenName));
  const isArityRight = command.arity < 0 ? values.length >= -command.arity : values.length === command.arity;
  if (!isArityRight) return fail(wrongArity(name));
  for (const key of command.keysOf(rest)) {
    const bytes = Buffer.byteLength(key);
    if (bytes > MAX_KEY_BYTES) return fail(sizeExceeded('key', MAX_KEY_BYTES, bytes));
  }
  return succeed({ name, command, values: rest });
}
