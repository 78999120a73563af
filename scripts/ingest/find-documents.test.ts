import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { factsOf, mediaTypes } from '../../src/ingest/media-types.ts';
import { describeLeftOut, findDocuments, globBase } from './find-documents.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vigil-find-'));
  for (const path of [
    'index.md',
    'guide/start.md',
    'guide/deep/notes.TXT',
    'guide/logo.png',
    '.hidden/a.md',
    'node_modules/dep/README.md',
    'b/index.md',
  ]) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), 'text');
  }
});
afterEach(() => rmSync(dir, { recursive: true }));

function ids(...paths: string[]): string[] {
  const found = findDocuments(paths);
  if (!found.ok) throw new Error(found.error);
  return found.value.documents.map(({ id }) => id);
}

describe('finding documents', () => {
  it('names the documents of a folder by their path in it, hidden files and other formats left out', () => {
    expect(ids(dir)).toEqual(['b/index.md', 'guide/deep/notes.TXT', 'guide/start.md', 'index.md']);
    expect(ids(`${dir}/`)).toEqual(ids(dir));
  });

  it('names a file by its own name', () => {
    expect(ids(join(dir, 'guide', 'start.md'))).toEqual(['start.md']);
  });

  it('names the matches of a glob by their path below its fixed part', () => {
    expect(ids(join(dir, '**', '*.md'))).toEqual(['b/index.md', 'guide/start.md', 'index.md']);
    expect(ids(join(dir, 'guide', '*.md'))).toEqual(['start.md']);
  });

  it('knows content types whatever the case of the ending', () => {
    const found = findDocuments([join(dir, 'guide', 'deep')]);
    expect(found.ok && found.value.documents[0]?.contentType).toBe('text/plain; charset=utf-8');
  });

  it('finds a file of every type that the API accepts', () => {
    mkdirSync(join(dir, 'all'));
    for (const type of mediaTypes) writeFileSync(join(dir, 'all', `f.${factsOf(type).extension.toUpperCase()}`), 'x');
    const found = findDocuments([join(dir, 'all')]);
    if (!found.ok) throw new Error(found.error);
    const types = found.value.documents.map(({ contentType }) => contentType.split(';')[0]);
    expect(types.sort()).toEqual([...mediaTypes].sort());
  });

  it('leaves hidden files and dependencies out of a glob too, unless it names them', () => {
    expect(ids(join(dir, 'node_modules', '**', '*.md'))).toEqual(['dep/README.md']);
  });

  it('follows links to files and folders, and none that leads back up', () => {
    symlinkSync(join(dir, 'guide', 'start.md'), join(dir, 'b', 'linked.md'));
    symlinkSync(join(dir, 'guide', 'deep'), join(dir, 'b', 'deep'));
    symlinkSync(dir, join(dir, 'b', 'up'));
    expect(ids(join(dir, 'b'))).toEqual(
      [
        'deep/notes.TXT',
        'index.md',
        'linked.md',
        ...ids(dir)
          .filter((id) => !id.startsWith('b/'))
          .map((id) => `up/${id}`),
      ].sort(),
    );
  });

  it('tells what it left out', () => {
    symlinkSync(join(dir, 'gone.md'), join(dir, 'broken.md'));
    const found = findDocuments([dir]);
    if (!found.ok) throw new Error(found.error);
    expect(describeLeftOut(found.value.leftOut)).toEqual([
      `Left out, a link to nothing: 1 (${join(dir, 'broken.md')})`,
      `Left out, another format: 1 (${join(dir, 'guide', 'logo.png')})`,
    ]);
    expect(ids(join(dir, '*.md'))).toEqual(['index.md']);
  });

  it('refuses two files that would be the same document', () => {
    const found = findDocuments([join(dir, 'index.md'), join(dir, 'b', 'index.md')]);
    expect(found).toMatchObject({ ok: false, error: expect.stringContaining("would both be 'index.md'") });
  });

  it('counts a file that is named twice once', () => {
    expect(ids(dir, dir)).toHaveLength(4);
  });

  it.each(['nowhere', 'guide/logo.png', '*.png'])('says that %s holds nothing', (path) => {
    expect(findDocuments([join(dir, path)])).toMatchObject({ ok: false, error: expect.stringContaining('holds no') });
  });
});

describe('the fixed part of a glob', () => {
  it.each([
    ['docs/**/*.md', 'docs'],
    ['/srv/docs/*.md', '/srv/docs'],
    ['/*.md', '/'],
    ['*.md', '.'],
    ['docs/{a,b}/c.md', 'docs'],
    ['docs/missing.md', 'docs'],
  ])('of %s is %s', (pattern, base) => {
    expect(globBase(pattern)).toBe(base);
  });
});
