import { parseArgs } from 'node:util';
import { createOutput, type Output } from './output.ts';

export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** The command line itself is wrong: reported with a pointer to `--help`, exit code 2. */
export class UsageError extends Error {}

/** The command cannot be carried out for a reason the reader can act on: reported without a stack trace, exit code 1. */
export class CommandFailure extends Error {}

/** The command was told to stop, and has: nothing is reported. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

export interface OptionSpec {
  type: 'string' | 'boolean';
  description: string;
  /** Shown as the value's name in the help text. */
  value?: string;
  default?: string;
  multiple?: boolean;
}
export type OptionSpecs = Record<string, OptionSpec>;

type Value<O extends OptionSpec> = O['type'] extends 'boolean'
  ? boolean
  : O extends { multiple: true }
    ? string[]
    : O extends { default: string }
      ? string
      : string | null;

export interface Invocation<O extends OptionSpecs> {
  options: { [Name in keyof O]: Value<O[Name]> };
  positionals: string[];
  output: Output;
}

export interface Command {
  /** Returns the exit code; throws UsageError and CommandFailure for whoever called it to report. */
  run(argv: string[], program: string): Promise<number>;
}

interface CommandDefinition<O extends OptionSpecs> {
  name: string;
  summary: string;
  /** What follows the command's name, for the usage line. */
  arguments: string;
  options: O;
  examples: string[];
  run(invocation: Invocation<O>): Promise<number>;
}

/** One command of the `vigil` program, with its options parsed and its help text written from the same table. */
export function defineCommand<const O extends OptionSpecs>(definition: CommandDefinition<O>): Command {
  return {
    run: async (argv, program) => {
      const { options, positionals } = parse(definition.options, argv);
      if (options.help === true) {
        process.stdout.write(commandHelp(definition, program));
        return EXIT.ok;
      }
      // `bench --json FILE` is a string: only the flag turns standard output over to machines.
      const output = createOutput({ json: options.json === true, stdout: process.stdout, stderr: process.stderr });
      // parse() filled in a value of the declared type for every declared option.
      return definition.run({ options: options as Invocation<O>['options'], positionals, output });
    },
  };
}

/** Parses one command line against its option table; throws UsageError for what the table does not know. */
export function parse(
  specs: OptionSpecs,
  argv: string[],
): { options: Record<string, string | boolean | string[] | null>; positionals: string[] } {
  const table = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  const { values, positionals } = parseOrExplain(argv, { ...table, help: { type: 'boolean', short: 'h' } });
  const options: Record<string, string | boolean | string[] | null> = { help: values.help === true };
  for (const [name, spec] of Object.entries(specs)) {
    const absent = spec.type === 'boolean' ? false : spec.multiple === true ? [] : (spec.default ?? null);
    // parseArgs was given this option's type and `multiple`, so an array can only hold strings here.
    options[name] = (values[name] as string | boolean | string[] | undefined) ?? absent;
  }
  return { options, positionals };
}

function parseOrExplain(argv: string[], options: NonNullable<Parameters<typeof parseArgs>[0]>['options'] & {}) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, strict: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      // The first sentence names the option; the second explains `--`, which the help text does better.
      throw new UsageError(error.message.split('. ')[0] ?? error.message);
    }
    throw error;
  }
}

function commandHelp(definition: CommandDefinition<OptionSpecs>, program: string): string {
  const rows = Object.entries(definition.options).map(([name, spec]) => {
    const flag = spec.type === 'string' ? `--${name} ${spec.value ?? 'VALUE'}` : `--${name}`;
    const fallback = spec.default === undefined ? '' : ` (default: ${spec.default})`;
    return [flag, `${spec.description}${fallback}`] as const;
  });
  const examples = definition.examples.length === 0 ? '' : `\nExamples:\n${definition.examples.map(indent).join('')}`;
  return `${definition.summary}

Usage: ${program} ${definition.name} ${definition.arguments}

Options:
${columns([...rows, ['-h, --help', 'show this text']])}${examples}`;
}

/** Two aligned columns, one row a line. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => indent(`${left.padEnd(width)}  ${right}`)).join('');
}

function indent(line: string): string {
  return `  ${line}\n`;
}
