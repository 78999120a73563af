import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aChunk } from '../../test/read-path-builders.ts';
import { joinAdjacent, limitPerDocument } from './arrange-chunks.ts';
import type { StoredChunk } from './passage.ts';
import type { RankedChunk } from './rank-chunks.ts';

const ranked = (chunk: StoredChunk, score = 1): RankedChunk => ({
  chunk,
  score,
  ranks: { vector: 1, lexical: null },
  similarity: 0.5,
});

const content = 'First part.\n\nSecond part.\n\n***\n\nThird part.  Fourth part.';
const parts = ['First part.', 'Second part.', 'Third part.', 'Fourth part.'].map((text, n, all) => {
  const start = content.indexOf(text);
  const before = content.indexOf(all[n - 1] ?? '') + (all[n - 1]?.length ?? 0);
  const between = content.slice(before, start);
  const lead = n > 0 && between.trim() === '' ? between : null;
  return aChunk({ chunkId: `c${n}`, n, text, start, lead });
});
const part = (n: number) => ranked(parts[n] ?? aChunk(), 1 - n / 10);

describe('joining neighbours', () => {
  it('makes one passage of them, under the id and at the place of the best', () => {
    const other = ranked(aChunk({ chunkId: 'other', documentId: 'other.md' }));
    const [first, second, ...rest] = joinAdjacent([part(1), other, part(0)]);
    expect(first?.chunk).toMatchObject({ chunkId: 'c1', text: 'First part.\n\nSecond part.', start: 0, end: 25 });
    expect(second).toBe(other);
    expect(rest).toEqual([]);
  });

  it('leaves apart what has more than white space between, or another between', () => {
    expect(joinAdjacent([part(1), part(2)])).toHaveLength(2);
    expect(joinAdjacent([part(0), part(3)])).toHaveLength(2);
  });

  it('leaves apart two versions and two documents', () => {
    const [first, second] = [parts[0] ?? aChunk(), parts[1] ?? aChunk()];
    expect(joinAdjacent([ranked(first), ranked({ ...second, version: 2 })])).toHaveLength(2);
    expect(joinAdjacent([ranked(first), ranked({ ...second, documentId: 'b' })])).toHaveLength(2);
  });

  it('says what two chunks share only once', () => {
    const [first, second] = [
      aChunk({ chunkId: 'a', n: 0, text: 'One. Two.', start: 0 }),
      aChunk({ chunkId: 'b', n: 1, text: 'Two. Three.', start: 5, lead: '' }),
    ];
    expect(joinAdjacent([ranked(first), ranked(second)])[0]?.chunk).toMatchObject({
      text: 'One. Two. Three.',
      start: 0,
      end: 16,
    });
  });

  it('gives exactly the document’s slices, loses nothing, and makes none too long', () => {
    const words = fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(words, fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.nat()), (lengths, kept, places) => {
        const text = lengths.map((length) => 'x'.repeat(length)).join('\n\n');
        let start = 0;
        const chunks = lengths.map((length, n) => {
          const lead = n === 0 ? null : '\n\n';
          const chunk = aChunk({ chunkId: `c${n}`, n, text: 'x'.repeat(length), start, lead });
          start = chunk.end + 2;
          return chunk;
        });
        const found = chunks.filter(() => kept.next().value).map((chunk) => ({ chunk, place: places.next().value }));
        const joined = joinAdjacent(found.sort((a, b) => a.place - b.place).map(({ chunk }) => ranked(chunk)));
        for (const { chunk } of joined) {
          expect(chunk.text).toBe(text.slice(chunk.start, chunk.end));
          expect(chunk.text.length).toBeLessThanOrEqual(4_000);
        }
        const covered = joined.reduce((sum, { chunk }) => sum + chunk.text.replaceAll('\n', '').length, 0);
        expect(covered).toBe(found.reduce((sum, { chunk }) => sum + chunk.text.length, 0));
      }),
    );
  });
});

describe('a limit of passages per document', () => {
  it('keeps the best of each and the order', () => {
    const of = (documentId: string, chunkId: string) => ranked(aChunk({ documentId, chunkId }));
    const all = [of('a', '1'), of('a', '2'), of('b', '3'), of('a', '4'), of('b', '5')];
    const ids = (limit: number | null) => limitPerDocument(all, limit).map(({ chunk }) => chunk.chunkId);
    expect(ids(1)).toEqual(['1', '3']);
    expect(ids(2)).toEqual(['1', '2', '3', '5']);
    expect(ids(null)).toEqual(['1', '2', '3', '4', '5']);
  });
});
