import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

// A binding can only be called where something has a binding's type, a vendor only where its SDK is imported, an
// address only by `fetch`: whichever files have one of these are all there are, and each is on one of these lists.

/** Every call they make goes through `callUpstream`. */
const ADAPTERS = [
  'src/cache/edge-answer-store.ts',
  'src/cache/kv-answer-store.ts',
  'src/cache/redis-cache-store.ts',
  'src/cache/redis-counter-store.ts',
  'src/cache/redis-field-store.ts',
  'src/catalog/catalog-database.ts',
  'src/http/rate-limiter.ts',
  'src/ingest/document-objects.ts',
  'src/ingest/fetch-source/source-fetcher.ts',
  'src/ingest/ingest-queue.ts',
  'src/ingest/object-listing.ts',
  'src/models/openai-generator.ts',
  'src/models/workers-ai-converter.ts',
  'src/models/workers-ai-embedder.ts',
  'src/models/workers-ai-generator.ts',
  'src/models/workers-ai-reranker.ts',
  'src/retrieval/lexical/lexical-contents.ts',
  'src/retrieval/lexical/lexical-index.ts',
  'src/retrieval/upstash-store.ts',
  'src/retrieval/vectorize-store.ts',
];
/** Parts of adapters: no other file imports a function of theirs. */
const BEHIND_ADAPTERS = [
  'src/cache/redis-client.ts',
  'src/models/workers-ai-binding.ts',
  'src/retrieval/lexical/lexical-search.ts',
];
/** They hand bindings to adapters and call nothing. */
const COMPOSITION = ['src/caches.ts', 'src/guarded-upstream.ts', 'src/shared-services.ts'];
/** Hands on what the composition made. */
const COMPOSITION_ROOT = 'src/services.ts';
/** The location's own cache, which no request waits for. */
const NEVER_AWAITED = ['src/resilience/cache-api-hints.ts'];

const REMOTE =
  /(?<![\w.])fetch\s*\(|'@upstash\/|\bredisClientFor\b|\bcaches\.default\b|\b(?:D1Database|D1DatabaseSession|R2Bucket|KVNamespace|VectorizeBinding|WorkersAiBinding|RateLimit|Fetcher|DurableObjectNamespace)\b|\b(?:Pick<)?(?:Queue|Vectorize|Cache|Ai)\b\s*[;,>)|]|\b(?:env|bindings)\.[A-Z_]{2,}\./;

const root = join(import.meta.dirname, '..');
const sources = new Map(
  globSync(['src/**/*.ts', 'workers/*.ts', 'queues/*.ts'], { cwd: root })
    .filter((path) => !/\.(test|contract)\.ts$/.test(path))
    .map((path) => [path, codeOf(readFileSync(join(root, path), 'utf8'))]),
);

/** Without comments and the contents of texts, except where they name a module. */
function codeOf(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1')
    .replace(/`(?:\\.|[^`\\])*`/g, '``')
    .replace(/(?<!\bfrom |\bimport |\bimport\(|\brequire\()'(?:\\.|[^'\\\n])*'/g, "''");
}

/** The stretches of code between the parentheses of `callUpstream(…)`. */
function guardedStretches(code: string): string {
  let stretches = '';
  for (const { index } of code.matchAll(/\bcallUpstream\(/g)) {
    let depth = 0;
    for (let at = index; at < code.length; at++) {
      if (code[at] === '(') depth += 1;
      if (code[at] !== ')') continue;
      depth -= 1;
      if (depth > 0) continue;
      stretches += `${code.slice(index, at + 1)}\n`;
      break;
    }
  }
  return stretches;
}

test('only these files can reach anything outside the Worker, and each of them does', () => {
  const found = [...sources].filter(([, code]) => REMOTE.test(code)).map(([path]) => path);
  expect(found.sort()).toEqual([...ADAPTERS, ...BEHIND_ADAPTERS, ...COMPOSITION, ...NEVER_AWAITED].sort());
});

describe('an adapter', () => {
  // `return`, as callers would wait for it; `await`; and the arrow functions that do either.
  const CALL =
    /(?:await|return|=>)\s+(?:db|bucket|queue|binding|index|ai|kv|cache|indexFor|clientFor|runModel|searchWords|fetch)\b[.(]/g;

  test.each(ADAPTERS)('%s makes its calls inside callUpstream', (path) => {
    const code = sources.get(path) ?? '';
    const guarded = guardedStretches(code);
    expect(guarded).not.toBe('');
    const calls = code.match(CALL) ?? [];
    const guardedCalls = guarded.match(CALL) ?? [];
    expect(guardedCalls).toEqual(calls);
    expect(calls.length + Number(/\bmutate\(|\bpipeline\(/.test(guarded))).toBeGreaterThan(0);
  });
});

test('what is behind adapters is called by them alone', () => {
  for (const path of BEHIND_ADAPTERS) {
    const name = path.split('/').at(-1) ?? '';
    const importers = [...sources]
      .filter(([, code]) => new RegExp(`import (?!type)[^;]*/${name.replace('.', '\\.')}'`).test(code))
      .map(([importer]) => importer);
    expect(importers.length).toBeGreaterThan(0);
    for (const importer of importers) expect([...ADAPTERS, ...COMPOSITION, COMPOSITION_ROOT]).toContain(importer);
  }
});

test('the composition calls nothing itself', () => {
  for (const path of [...COMPOSITION, COMPOSITION_ROOT]) {
    const code = sources.get(path) ?? '';
    expect(code).not.toMatch(/\.(?:run|prepare|batch|query|upsert|sendBatch|send|match|mget)\(|(?<![\w.])fetch\s*\(/);
  }
});

// Their root entries are made for Node: they read `process`, which a Worker need not have, and pass `cache` to `fetch`,
// which the runtime refuses at older compatibility dates, and the Redis client tries again for 4.3 s before it says so.
test('the vendor’s clients are those made for Workers', () => {
  const imported = [...sources.values()].flatMap((code) => code.match(/'@upstash\/[^']*'/g) ?? []);
  expect(imported.sort()).toEqual(["'@upstash/redis/cloudflare'", "'@upstash/vector/cloudflare'"]);
});
