import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PROBLEMS } from '../src/http/problem-codes.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));

describe.each(pages)('%s', (page) => {
  const text = read(page);

  test('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/\bnpm (?:run )?([a-z][a-z:]*)/g)].map(([, name]) => name);
    const builtIn = new Set(['ci', 'registry']);
    expect(named.filter((name) => name !== undefined && !builtIn.has(name) && scripts[name] === undefined)).toEqual([]);
  });

  test('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? '');
    const missing = links.filter((link) => !link.includes('://') && !existsSync(join(root, dirname(page), link)));
    expect(missing).toEqual([]);
  });

  test('names only paths of the project that exist', () => {
    const paths = [...text.matchAll(/`((?:src|local|scripts|bench|workers|queues|migrations|docs|test)\/[^`\s]*)`/g)];
    // The local cloud's models are named like paths.
    const models = read('local/api.wrangler.toml');
    const missing = paths
      .map(([, path]) => path ?? '')
      .filter((path) => !models.includes(path) && !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  test('names only error codes that exist', () => {
    const codes = [...text.matchAll(/\b(?:4\d\d|5\d\d) `([A-Z_]+)`/g)].map(([, code]) => code ?? '');
    expect(codes.filter((code) => !Object.hasOwn(PROBLEMS, code))).toEqual([]);
  });
});

test('docs/tune.md names every setting, and no other', () => {
  const settings = [...read('src/config.ts').matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name ?? '');
  expect(settings.length).toBeGreaterThan(30);
  const documented = [...read('docs/tune.md').matchAll(/^\| (.*?) \|/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([A-Z][A-Z0-9_<>]+)`/g)])
    .map(([, name]) => name ?? '')
    .filter((name) => !name.includes('<'));
  expect(documented.sort()).toEqual(settings.sort());
});
