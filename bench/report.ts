import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { PROJECT_ROOT } from '../scripts/project.ts';

/** Something the project says of itself, and whether this run bears it out. */
export interface Promised {
  name: string;
  measured: number;
  unit: string;
  /** Where the line is, in words and numbers: `≤ 320`. */
  bar: string;
  holds: boolean;
}

/** A promise with a number rounded for people; the bar was met or not by the number itself. */
export function promised(name: string, measured: number, unit: string, bar: string, holds: boolean): Promised {
  return { name, measured: Math.round(measured * 100) / 100, unit, bar, holds };
}

export interface Measurement {
  promises: Promised[];
  /** Everything measured, for whoever wants to compute something else from it. */
  raw: unknown;
  /** What the providers behind Vigil were in this run. */
  profile: string;
  /** For people: the first row is the header. */
  table: string[][];
}

export interface BenchReport extends Measurement {
  suite: string;
  seed: number;
  environment: Environment;
}

interface Environment {
  measuredAt: string;
  node: string;
  platform: string;
  cpus: { count: number; model: string };
  versions: Record<string, string>;
  /** Null outside a git checkout; `dirty` when files differ from it. */
  commit: { id: string; dirty: boolean } | null;
}

const packageFile = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const NAMED_VERSIONS = ['wrangler', 'workerd', 'hono', '@lat.md/embed'];

/** Where and with what a measurement was made. */
export function describeEnvironment(): Environment {
  const { version, dependencies, devDependencies } = packageFile.parse(
    JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')),
  );
  const all: Record<string, string> = { ...devDependencies, ...dependencies };
  const named = NAMED_VERSIONS.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]] as const]));
  return {
    measuredAt: new Date().toISOString(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: { count: cpus().length, model: cpus()[0]?.model ?? 'unknown' },
    versions: { vigil: version, ...Object.fromEntries(named) },
    commit: describeCommit(),
  };
}

/** The promises this run does not bear out. */
export function brokenPromises(report: BenchReport): Promised[] {
  return report.promises.filter(({ holds }) => !holds);
}

export function formatPromises(promises: Promised[]): string {
  return formatTable([
    ['promise', 'measured', 'bar', ''],
    ...promises.map(({ name, measured, unit, bar, holds }) => [
      name,
      `${measured} ${unit}`,
      bar,
      holds ? 'holds' : 'BROKEN',
    ]),
  ]);
}

/** Aligned columns; the first to the left, the others to the right. */
export function formatTable(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      widths
        .map((width, column) =>
          column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width),
        )
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

function describeCommit(): Environment['commit'] {
  try {
    return { id: git('rev-parse', 'HEAD'), dirty: git('status', '--porcelain') !== '' };
  } catch {
    return null;
  }
}

function git(...argv: string[]): string {
  return execFileSync('git', argv, { cwd: PROJECT_ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
