import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const MAIN = /^main = "(.*)"$/m;
const NAME = /^name = ".*"$/m;

/** A copy of a wrangler file, in the folder, with another entry or name; everything else stays as it is there. */
export function copyConfig(
  configFile: string,
  folder: string,
  change: { entryFile: string } | { name: string },
): string {
  const config = readFileSync(configFile, 'utf8');
  const entry = MAIN.exec(config)?.[1];
  if (entry === undefined || !NAME.test(config)) throw new Error(`${configFile} has no name and entry to replace`);
  const isRenamed = 'name' in change;
  const entryFile = isRenamed ? resolve(dirname(configFile), entry) : change.entryFile;
  const copied = config.replace(MAIN, () => `main = ${JSON.stringify(entryFile)}`);
  const copy = join(folder, isRenamed ? `${change.name}.wrangler.toml` : basename(configFile));
  writeFileSync(copy, isRenamed ? copied.replace(NAME, () => `name = ${JSON.stringify(change.name)}`) : copied);
  return copy;
}
