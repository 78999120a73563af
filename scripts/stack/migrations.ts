import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CommandFailure } from '../command.ts';
import { captureProcess } from '../run-process.ts';
import { WRANGLER_CLI, wranglerEnvironment } from './wrangler.ts';

export interface Database {
  binding: string;
  migrationsDir: string;
}

interface MigrationOptions {
  databases: Database[];
  /** A wrangler file that binds all of them. */
  configFile: string;
  persistDir: string;
  /** For wrangler's own files. */
  scratchDir: string;
  report(step: string): void;
}

/**
 * Brings the local databases to the newest schema. Asking wrangler takes seconds even when there is nothing to do, so what
 * was applied is remembered beside the data, by the migrations' content.
 */
export async function applyMigrations(options: MigrationOptions): Promise<void> {
  const { databases, persistDir, report } = options;
  const marker = join(persistDir, 'applied-migrations');
  const wanted = migrationsHash(databases);
  if (readIfPresent(marker) === wanted) return;
  mkdirSync(persistDir, { recursive: true });
  report('Migrating the databases.');
  // One after the other: two wranglers at once on one folder lock each other's files (SQLITE_BUSY).
  for (const { binding } of databases) await applyTo(binding, options);
  writeFileSync(marker, wanted);
}

async function applyTo(binding: string, { configFile, persistDir, scratchDir }: MigrationOptions): Promise<void> {
  const argv = ['d1', 'migrations', 'apply', binding, '--local', '--persist-to', persistDir, '-c', configFile];
  const { exitCode, text } = await captureProcess(process.execPath, [WRANGLER_CLI, ...argv], {
    env: wranglerEnvironment(scratchDir),
  });
  if (exitCode !== 0) throw new CommandFailure(`Migrating ${binding} failed:\n${text}`);
}

function migrationsHash(databases: Database[]): string {
  const hash = createHash('sha256');
  for (const { binding, migrationsDir } of databases) {
    for (const file of migrationFiles(migrationsDir)) {
      hash
        .update(`${binding}\0${basename(file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

function migrationFiles(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => join(dir, name));
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
