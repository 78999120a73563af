import { type Command, CommandFailure, columns, EXIT, Interrupted, UsageError } from './command.ts';

/** Commands are loaded when they are used: `--help` should not wait for an embedding engine. */
export interface CommandEntry {
  name: string;
  summary: string;
  load(): Promise<Command>;
}

/** Runs the command that `argv` names and returns its exit code; bugs are thrown. */
export async function runCommandTable(program: string, table: CommandEntry[], argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(tableHelp(program, table));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const entry = table.find((candidate) => candidate.name === name);
  if (entry === undefined) return usage(`unknown command '${name}'`, program);
  const command = await entry.load();
  try {
    return await command.run(rest, program);
  } catch (error) {
    if (error instanceof UsageError) return usage(error.message, `${program} ${name}`);
    if (error instanceof Interrupted) return error.exitCode;
    if (!(error instanceof CommandFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.failed;
  }
}

function usage(message: string, program: string): number {
  process.stderr.write(`${program}: ${message}\nTry '${program} --help'.\n`);
  return EXIT.usage;
}

function tableHelp(program: string, table: CommandEntry[]): string {
  return `Usage: ${program} COMMAND [options]

Commands:
${columns(table.map(({ name, summary }) => [name, summary]))}
'${program} COMMAND --help' explains one command.
`;
}
