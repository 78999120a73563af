import { SUITES } from '../../bench/bench.ts';
import type { Command } from '../command.ts';
import { runCommandTable } from '../command-table.ts';

/** Each suite is a command of its own, with its own options. */
export const benchCommand: Command = {
  run: (argv, program) => runCommandTable(`${program} bench`, SUITES, argv),
};
