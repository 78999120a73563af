import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aChunk, inSeconds } from '../../../test/read-path-builders.ts';
import type { StoredChunk } from '../passage.ts';
import type { LexicalIndex } from './lexical-index.ts';

export interface LexicalIndexUnderTest {
  open(): Promise<LexicalIndex>;
  /** Begins every namespace and every id. */
  scratchName: string;
}

/** What the lexical index promises on a D1 database to which its migrations were applied. */
export function describeLexicalIndex(name: string, { open, scratchName }: LexicalIndexUnderTest): void {
  describe(`the lexical index ${name}`, { timeout: 120_000 }, () => {
    const written = new Map<string, StoredChunk>();
    let index: LexicalIndex;

    beforeAll(async () => {
      index = await open();
    }, 120_000);

    afterAll(async () => {
      for (const { namespace, documentId } of written.values()) {
        expect(
          await index.removeVersions([{ namespace, documentId, last: Number.MAX_SAFE_INTEGER }], inSeconds(30)),
        ).toMatchObject({ ok: true });
      }
    }, 120_000);

    const namespaceOf = (suffix: string) => `${scratchName}-${suffix}`;
    const chunkIn = (namespace: string, id: string, parts: Partial<StoredChunk> = {}) =>
      aChunk({ chunkId: `${scratchName}-${id}`, namespace: namespaceOf(namespace), ...parts });
    const idsOf = (chunks: StoredChunk[]) => chunks.map(({ chunkId }) => chunkId.slice(scratchName.length + 1));

    async function put(...chunks: StoredChunk[]): Promise<void> {
      for (const chunk of chunks) written.set(`${chunk.namespace} ${chunk.documentId}`, chunk);
      expect(await index.put(chunks, inSeconds(30))).toMatchObject({ ok: true });
    }

    async function find(namespace: string, question: string, limit = 10): Promise<StoredChunk[]> {
      const found = await index.search(
        { namespace: namespaceOf(namespace), question, limit, filter: null },
        inSeconds(10),
      );
      if (!found.ok) throw new Error(`failed: ${JSON.stringify(found.error)}`);
      return found.value.matches.map(({ chunk }) => chunk);
    }

    it('gives back the whole chunk', async () => {
      const full = chunkIn('whole', 'full', {
        documentId: 'a/b ü.md',
        version: 1_790_000_000_000,
        n: 3,
        url: 'https://example.com/?a=1',
        headings: ['One', 'Zwei „drei“'],
        text: 'Zeile\n"quoted" \\ 日本語 🙂 limited',
        start: 7,
        lead: '\n\n',
        metadata: { year: 2026, draft: false, tags: ['a', 'b'], lang: 'de' },
      });
      const bare = chunkIn('whole', 'bare', { title: null, text: 'Nothing at all.' });
      await put(full, bare);
      expect(await find('whole', 'limits')).toEqual([full]);
      expect(await find('whole', 'nothing')).toEqual([bare]);
    });

    it('reads whole chunks by their ids, and leaves out those that are not there', async () => {
      const chunks = [0, 1, 2].map((n) => chunkIn('read', `read-${n}`, { n, documentId: 'read', lead: '\n' }));
      await put(...chunks);
      const ids = [
        ...chunks.map(({ chunkId }) => chunkId),
        'absent',
        ...Array.from({ length: 200 }, (_, n) => `x${n}`),
      ];
      const read = await index.read(ids, inSeconds(10));
      expect(read.ok && read.value.toSorted((a, b) => a.n - b.n)).toEqual(chunks);
      expect(await index.read([], inSeconds(10))).toEqual({ ok: true, value: [] });
    });

    it('ranks the better match first and a title above the text', async () => {
      const text = 'About something else entirely, and once about cookies.';
      await put(
        chunkIn('rank', 'text', { title: 'Other', text }),
        chunkIn('rank', 'title', { title: 'Cookies', text: 'About something else entirely.' }),
        chunkIn('rank', 'none', { title: 'Other', text: 'About nothing of it.' }),
      );
      expect(idsOf(await find('rank', 'How do cookies work?'))).toEqual(['title', 'text']);
      expect(idsOf(await find('rank', 'cookies', 1))).toEqual(['title']);
    });

    it('finds words by their stem and without their accents', async () => {
      await put(chunkIn('stem', 'run', { text: 'Runners were running to the café.' }));
      for (const question of ['run', 'cafe', 'CAFÉS']) expect(idsOf(await find('stem', question))).toEqual(['run']);
    });

    it('keeps namespaces apart', async () => {
      await put(chunkIn('mine', 'mine'), chunkIn('yours', 'yours'));
      expect(idsOf(await find('mine', 'limit'))).toEqual(['mine']);
      expect(await find('nobody', 'limit')).toEqual([]);
    });

    it('replaces a chunk put again, words included', async () => {
      await put(chunkIn('again', 'again', { text: 'An elephant.' }));
      await put(chunkIn('again', 'again', { text: 'A giraffe.' }));
      expect(await find('again', 'elephant')).toEqual([]);
      expect(idsOf(await find('again', 'giraffe'))).toEqual(['again']);
    });

    it('removes and counts versions of documents up to one, and nothing else', async () => {
      const chunk = (documentId: string, version: number) =>
        chunkIn('versions', `${documentId}-${version}`, { documentId, version });
      const upTo = (documentId: string, last: number, namespace = 'versions') => ({
        namespace: namespaceOf(namespace),
        documentId,
        last,
      });
      await put(chunk('a', 1), chunk('a', 2), chunk('b', 1), chunk('c', 1));
      const asked = [upTo('none', 1), upTo('a', 2), upTo('b', 1), upTo('b', 1, 'elsewhere')];
      expect(await index.countVersions(asked, inSeconds(10))).toEqual({ ok: true, value: [0, 2, 1, 0] });
      await index.removeVersions([upTo('a', 1), upTo('b', 1, 'elsewhere')], inSeconds(10));
      expect(idsOf(await find('versions', 'limit')).sort()).toEqual(['a-2', 'b-1', 'c-1']);
      await index.removeVersions([upTo('a', 2), upTo('c', 1)], inSeconds(10));
      expect(idsOf(await find('versions', 'limit'))).toEqual(['b-1']);
    });

    it('takes a large document', async () => {
      const text = 'Ein langer Absatz über Größen. '.repeat(60);
      await put(...Array.from({ length: 600 }, (_, n) => chunkIn('large', `large-${n}`, { n, text })));
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
          const found = await index.search(
            { namespace: namespaceOf('docs'), question, limit: 5, filter: null },
            inSeconds(10),
          );
          expect(found).toMatchObject({ ok: true });
        }),
        { numRuns: 200, seed: 7 },
      );
    });
  });
}
