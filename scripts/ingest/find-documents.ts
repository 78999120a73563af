import { globSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { factsOf, type MediaType, mediaTypes } from '../../src/ingest/media-types.ts';
import { fail, type Result, succeed } from '../../src/result.ts';

export interface FoundDocument {
  /** The path below the folder that was named, with forward slashes. */
  id: string;
  path: string;
  contentType: string;
}

export interface Found {
  documents: FoundDocument[];
  /** The files between them that are not, with why. */
  leftOut: LeftOut[];
}

export interface LeftOut {
  path: string;
  reason: 'another format' | 'a link to nothing' | 'not to be read';
}

const ENDINGS = new Map<string, MediaType>([
  ...mediaTypes.map((type) => [`.${factsOf(type).extension}`, type] as const),
  ['.markdown', 'text/markdown'],
  ['.htm', 'text/html'],
]);
// The others name their charset themselves.
const CHARSET_NEEDED = /^text\/(?:markdown|plain)$/;

/** Every document under the given files, folders and globs, in a stable order; fails with a sentence when there is none or two would share an id. */
export function findDocuments(paths: string[]): Result<Found, string> {
  const found = new Map<string, FoundDocument>();
  const leftOut = new Map<string, LeftOut>();
  for (const path of paths) {
    const under = documentsUnder(path);
    if (under.documents.length === 0) return fail(`${path} holds no ${[...ENDINGS.keys()].join(', ')} file`);
    for (const document of under.documents) {
      const other = found.get(document.id);
      if (other !== undefined && other.path !== document.path) {
        return fail(
          `${other.path} and ${document.path} would both be '${document.id}': name the folder above them instead`,
        );
      }
      found.set(document.id, document);
    }
    for (const each of under.leftOut) leftOut.set(each.path, each);
  }
  return succeed({ documents: [...found.values()], leftOut: [...leftOut.values()] });
}

function documentsUnder(path: string): Found {
  const stats = statSync(path, { throwIfNoEntry: false });
  const found: Found = { documents: [], leftOut: [] };
  if (stats?.isDirectory()) {
    walk(path, [], (file) => take(relative(path, file), file, found), found.leftOut);
    return found;
  }
  if (stats?.isFile()) {
    take(basename(path), path, found);
    return found;
  }
  const base = globBase(path);
  for (const match of globSync(path).sort()) {
    const id = relative(base, match);
    if (id.split(sep).every(isSomebodys)) takeMatch(id, match, found);
  }
  return found;
}

/** The folder of a glob that comes before its first pattern. */
export function globBase(pattern: string): string {
  const segments = pattern.split(/[/\\]/);
  const firstPattern = segments.findIndex((segment) => /[*?[\]{}!()]/.test(segment));
  return segments.slice(0, firstPattern === -1 ? -1 : firstPattern).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

function takeMatch(id: string, path: string, found: Found): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) found.leftOut.push({ path, reason: 'a link to nothing' });
  if (stats?.isFile()) take(id, path, found);
}

/** Hidden files and dependencies are nobody's documents. */
function isSomebodys(name: string): boolean {
  return !name.startsWith('.') && name !== 'node_modules';
}

/** Calls `onFile` for the files of a folder and all below it, links followed. */
function walk(dir: string, above: readonly string[], onFile: (path: string) => void, leftOut: LeftOut[]): void {
  const names = namesIn(dir);
  if (names === null) leftOut.push({ path: dir, reason: 'not to be read' });
  const real = realpathSync(dir);
  // A link that leads back up would never end.
  if (names === null || above.includes(real)) return;
  for (const name of names.filter(isSomebodys).sort()) {
    const path = join(dir, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) leftOut.push({ path, reason: 'a link to nothing' });
    if (stats?.isDirectory()) walk(path, [...above, real], onFile, leftOut);
    if (stats?.isFile()) onFile(path);
  }
}

function namesIn(dir: string): string[] | null {
  try {
    return readdirSync(dir);
  } catch {
    return null;
  }
}

function take(id: string, path: string, { documents, leftOut }: Found): void {
  const type = ENDINGS.get(extname(path).toLowerCase());
  if (type === undefined) {
    leftOut.push({ path, reason: 'another format' });
    return;
  }
  const contentType = CHARSET_NEEDED.test(type) ? `${type}; charset=utf-8` : type;
  documents.push({ id: id.split(sep).join('/'), path, contentType });
}

/** A line for each reason, with the first few. */
export function describeLeftOut(leftOut: readonly LeftOut[]): string[] {
  return [...Map.groupBy(leftOut, ({ reason }) => reason)].map(([reason, of]) => {
    const named = of.slice(0, 3).map(({ path }) => path);
    const more = of.length > named.length ? ' …' : '';
    return `Left out, ${reason}: ${of.length} (${named.join(', ')}${more})`;
  });
}
