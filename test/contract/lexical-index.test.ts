import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import type { StoredChunk } from '../../src/retrieval/passage.ts';
import { aChunk, inSeconds } from '../read-path-builders.ts';
import { type ContractCloud, startContractCloud } from './contract-cloud.ts';

let cloud: ContractCloud;
let index: LexicalIndex;

beforeAll(async () => {
  cloud = await startContractCloud();
  index = cloud.port<LexicalIndex>('lexical', {});
}, 120_000);

afterAll(() => cloud.close());

async function put(...chunks: StoredChunk[]): Promise<void> {
  expect(await index.put(chunks, inSeconds(10))).toMatchObject({ ok: true });
}

async function find(namespace: string, question: string, limit = 10): Promise<StoredChunk[]> {
  const found = await index.search({ namespace, question, limit }, inSeconds(10));
  if (!found.ok) throw new Error(`failed: ${JSON.stringify(found.error)}`);
  return found.value.chunks;
}

const idsOf = (chunks: StoredChunk[]) => chunks.map(({ chunkId }) => chunkId);

describe('the lexical index on D1', { timeout: 60_000 }, () => {
  it('gives back the whole chunk', async () => {
    const full = aChunk({
      chunkId: 'full',
      namespace: 'whole',
      documentId: 'a/b ü.md',
      version: 1_790_000_000_000,
      n: 3,
      url: 'https://example.com/?a=1',
      headings: ['One', 'Zwei „drei“'],
      text: 'Zeile\n"quoted" \\ 日本語 🙂 limited',
      start: 7,
      metadata: { year: 2026, draft: false, tags: ['a', 'b'], lang: 'de' },
    });
    const bare = aChunk({ chunkId: 'bare', namespace: 'whole', title: null, text: 'Nothing at all.' });
    await put(full, bare);
    expect(await find('whole', 'limits')).toEqual([full]);
    expect(await find('whole', 'nothing')).toEqual([bare]);
  });

  it('ranks the better match first and a title above the text', async () => {
    const text = 'About something else entirely, and once about cookies.';
    await put(
      aChunk({ chunkId: 'text', namespace: 'rank', title: 'Other', text }),
      aChunk({ chunkId: 'title', namespace: 'rank', title: 'Cookies', text: 'About something else entirely.' }),
      aChunk({ chunkId: 'none', namespace: 'rank', title: 'Other', text: 'About nothing of it.' }),
    );
    expect(idsOf(await find('rank', 'How do cookies work?'))).toEqual(['title', 'text']);
    expect(idsOf(await find('rank', 'cookies', 1))).toEqual(['title']);
  });

  it('finds words by their stem and without their accents', async () => {
    await put(aChunk({ chunkId: 'run', namespace: 'stem', text: 'Runners were running to the café.' }));
    for (const question of ['run', 'cafe', 'CAFÉS']) expect(idsOf(await find('stem', question))).toEqual(['run']);
  });

  it('keeps namespaces apart', async () => {
    await put(aChunk({ chunkId: 'mine', namespace: 'mine' }), aChunk({ chunkId: 'yours', namespace: 'yours' }));
    expect(idsOf(await find('mine', 'limit'))).toEqual(['mine']);
    expect(await find('nobody', 'limit')).toEqual([]);
  });

  it('replaces a chunk put again, words included', async () => {
    await put(aChunk({ chunkId: 'again', namespace: 'again', text: 'An elephant.' }));
    await put(aChunk({ chunkId: 'again', namespace: 'again', text: 'A giraffe.' }));
    expect(await find('again', 'elephant')).toEqual([]);
    expect(idsOf(await find('again', 'giraffe'))).toEqual(['again']);
  });

  it('removes the other versions of a document, or all of them, and nothing else', async () => {
    const chunk = (documentId: string, version: number) =>
      aChunk({ chunkId: `${documentId}-${version}`, namespace: 'versions', documentId, version });
    await put(chunk('a', 1), chunk('a', 2), chunk('b', 1));
    await index.removeVersions('versions', 'a', { except: 2 }, inSeconds(10));
    expect(idsOf(await find('versions', 'limit')).sort()).toEqual(['a-2', 'b-1']);
    await index.removeVersions('versions', 'a', 'all', inSeconds(10));
    await index.removeVersions('elsewhere', 'b', 'all', inSeconds(10));
    expect(idsOf(await find('versions', 'limit'))).toEqual(['b-1']);
  });

  it('takes a large document', async () => {
    const text = 'Ein langer Absatz über Größen. '.repeat(60);
    await put(...Array.from({ length: 600 }, (_, n) => aChunk({ chunkId: `large-${n}`, namespace: 'large', n, text })));
    expect(await find('large', 'Größen', 700)).toHaveLength(600);
  });

  it('accepts any text for a question', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(
          fc.constantFrom('"', '*', '(', ')', 'AND', 'NOT', 'NEAR', ':', '^', '-', '{', '}', 'a', ' ', "'", '़', '٠'),
        )
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (question) => {
        const found = await index.search({ namespace: 'docs', question, limit: 5 }, inSeconds(10));
        expect(found).toMatchObject({ ok: true });
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});
