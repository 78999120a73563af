import { join } from 'node:path';
import { PROJECT_ROOT } from './project.ts';
import { runProcess } from './run-process.ts';

const VITEST_CLI = join(PROJECT_ROOT, 'node_modules', 'vitest', 'vitest.mjs');

/** Runs the suites that Vitest's own arguments choose, or all; `flags` reach them through their environment. */
export function runVitest(argv: string[], flags: Record<string, string>): Promise<number> {
  return runProcess(process.execPath, [VITEST_CLI, 'run', ...argv], { ...process.env, ...flags });
}
