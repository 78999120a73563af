import { globSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { fail, type Result, succeed } from '../../src/result.ts';

export interface FoundDocument {
  /** The path below the folder that was named, with forward slashes. */
  id: string;
  path: string;
  contentType: string;
}

const CONTENT_TYPES: Record<string, string> = {
  '.md': 'text/markdown; charset=utf-8',
  '.markdown': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  // These name their charset themselves.
  '.html': 'text/html',
  '.htm': 'text/html',
  '.xhtml': 'application/xhtml+xml',
  '.pdf': 'application/pdf',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.odt': 'application/vnd.oasis.opendocument.text',
  '.ods': 'application/vnd.oasis.opendocument.spreadsheet',
  '.csv': 'text/csv',
};

/** Every document under the given files, folders and globs, in a stable order; fails with a sentence when there is none or two would share an id. */
export function findDocuments(paths: string[]): Result<FoundDocument[], string> {
  const found = new Map<string, FoundDocument>();
  for (const path of paths) {
    const documents = documentsUnder(path);
    if (documents.length === 0) return fail(`${path} holds no ${Object.keys(CONTENT_TYPES).join(', ')} file`);
    for (const document of documents) {
      const other = found.get(document.id);
      if (other !== undefined && other.path !== document.path) {
        return fail(
          `${other.path} and ${document.path} would both be '${document.id}': name the folder above them instead`,
        );
      }
      found.set(document.id, document);
    }
  }
  return succeed([...found.values()]);
}

function documentsUnder(path: string): FoundDocument[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return describe(basename(path), path);
  if (stats?.isDirectory()) return walk(path).flatMap((file) => describe(relative(path, file), file));
  const base = globBase(path);
  return globSync(path)
    .filter((match) => statSync(match).isFile())
    .sort()
    .flatMap((match) => describe(relative(base, match), match));
}

/** The folder of a glob that comes before its first pattern. */
export function globBase(pattern: string): string {
  const segments = pattern.split(/[/\\]/);
  const firstPattern = segments.findIndex((segment) => /[*?[\]{}!()]/.test(segment));
  return segments.slice(0, firstPattern === -1 ? -1 : firstPattern).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

/** Files of a folder and all below it; hidden ones and dependencies are nobody's documents. */
function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return walk(path);
      return entry.isFile() ? [path] : [];
    });
}

function describe(id: string, path: string): FoundDocument[] {
  const contentType = CONTENT_TYPES[extname(path).toLowerCase()];
  return contentType === undefined ? [] : [{ id: id.split(sep).join('/'), path, contentType }];
}
