import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mediaTypeNamed } from '../../src/ingest/media-types.ts';
import { findDocuments, globBase } from './find-documents.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vigil-find-'));
  for (const path of [
    'index.md',
    'guide/start.md',
    'guide/deep/notes.TXT',
    'guide/logo.png',
    '.hidden/a.md',
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
  return found.value.map(({ id }) => id);
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
    expect(found.ok && found.value[0]?.contentType).toBe('text/plain; charset=utf-8');
  });

  it('finds pages, PDFs and office files, each with a type that the API accepts', () => {
    const names = ['a.html', 'b.HTM', 'c.pdf', 'd.docx', 'e.xlsx', 'f.odt', 'g.ods', 'h.csv', 'i.xhtml'];
    mkdirSync(join(dir, 'office'));
    for (const name of names) writeFileSync(join(dir, 'office', name), 'x');
    const found = findDocuments([join(dir, 'office')]);
    if (!found.ok) throw new Error(found.error);
    expect(found.value.map(({ id }) => id)).toEqual(names);
    for (const { contentType } of found.value) expect(mediaTypeNamed(contentType)).not.toBeNull();
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
