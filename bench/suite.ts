import { writeFileSync } from 'node:fs';
import {
  type Command,
  defineCommand,
  EXIT,
  type Invocation,
  type OptionSpecs,
  UsageError,
} from '../scripts/command.ts';
import {
  type BenchReport,
  brokenPromises,
  describeEnvironment,
  formatPromises,
  formatTable,
  type Measurement,
} from './report.ts';

const SHARED_OPTIONS = {
  json: { type: 'string', value: 'FILE', description: 'write the report there as JSON' },
  seed: { type: 'string', value: 'NUMBER', description: 'for everything random', default: '1' },
} as const;

interface SuiteDefinition<O extends OptionSpecs> {
  name: string;
  summary: string;
  arguments: string;
  options: O;
  examples: string[];
  measure(invocation: Invocation<O>, seed: number): Promise<Measurement>;
}

/** A suite as a command: measures, prints its tables, writes its report, and fails when a promise does not hold. */
export function defineSuite<const O extends OptionSpecs>(suite: SuiteDefinition<O>): Command {
  return defineCommand({
    name: suite.name,
    summary: suite.summary,
    arguments: suite.arguments,
    options: { ...suite.options, ...SHARED_OPTIONS },
    examples: suite.examples,
    run: async (invocation) => {
      const { output } = invocation;
      // TypeScript cannot see through the generic intersection that both sets of options were parsed.
      const shared = invocation.options as unknown as Invocation<typeof SHARED_OPTIONS>['options'];
      const own = invocation as unknown as Invocation<O>;
      const seed = Number(shared.seed);
      if (!Number.isSafeInteger(seed)) throw new UsageError(`--seed ${shared.seed} is not a whole number`);
      const measurement = await suite.measure(own, seed);
      const report: BenchReport = { suite: suite.name, seed, environment: describeEnvironment(), ...measurement };
      output.line(`\n${formatTable(measurement.table)}`);
      if (report.promises.length > 0) output.line(`\n${formatPromises(report.promises)}`);
      if (shared.json !== null) {
        const { table: _, ...written } = report;
        writeFileSync(shared.json, `${JSON.stringify(written, null, 2)}\n`);
      }
      return brokenPromises(report).length === 0 ? EXIT.ok : EXIT.failed;
    },
  });
}
