import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const MAIN = /^main = ".*"$/m;

/** A copy of a wrangler file that runs another entry, in the folder; everything else stays as it is there. */
export function withEntry(configFile: string, entryFile: string, folder: string): string {
  const config = readFileSync(configFile, 'utf8');
  if (!MAIN.test(config)) throw new Error(`${configFile} has no entry to replace`);
  const copy = join(folder, basename(configFile));
  writeFileSync(
    copy,
    config.replace(MAIN, () => `main = ${JSON.stringify(entryFile)}`),
  );
  return copy;
}
