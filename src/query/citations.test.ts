import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { citeAnswer } from './citations.ts';

const guide = aPassage(1, 'Hono is small. The body limit is one megabyte. It can be changed.', { start: 100 });
const files = aPassage(2, 'Upload files with a form.\n\n- At most two files are taken at once.', {
  documentId: 'files.md',
});

describe('the citations of an answer', () => {
  it('quote the sentence that supports the citing one, at its place in the document', () => {
    const { text, citations } = citeAnswer('The body limit is one megabyte [1]. Two files at most [2].', [
      guide,
      files,
    ]);
    expect(text).toBe('The body limit is one megabyte [1]. Two files at most [2].');
    expect(citations).toMatchObject([
      { n: 1, documentId: 'guide.md', quote: 'The body limit is one megabyte.', start: 115, end: 146 },
      { n: 2, documentId: 'files.md', quote: 'At most two files are taken at once.' },
    ]);
  });

  it('understand markers after the full stop, in a list and side by side', () => {
    const claim = 'The body limit is one megabyte';
    for (const text of [
      `${claim}. [1] Then more.`,
      `${claim}.[1] Then more.`,
      `${claim} [1, 2].`,
      `${claim} [2][1].`,
    ]) {
      const { citations } = citeAnswer(text, [guide, files]);
      expect(citations.find(({ n }) => n === 1)?.quote).toBe('The body limit is one megabyte.');
    }
  });

  it('lose the numbers nobody gave, in the text too', () => {
    const { text, citations } = citeAnswer('It is small [7]. Really [1, 9]. Sure [0][99].', [guide]);
    expect(text).toBe('It is small. Really [1]. Sure.');
    expect(citations.map(({ n }) => n)).toEqual([1]);
  });

  it('leave code alone', () => {
    const answer = 'Read `argv[2]` first [1].\n```js\nargs[9]\n```';
    expect(citeAnswer(answer, [guide]).text).toBe(answer);
  });

  it('name a passage twice only for two of its sentences', () => {
    const { citations } = citeAnswer('Hono is small [1]. Hono is small [1]. The body limit is a megabyte [1].', [
      guide,
    ]);
    expect(citations.map(({ quote }) => quote)).toEqual(['Hono is small.', 'The body limit is one megabyte.']);
  });

  it('are always verbatim, in known passages and marked in the text', () => {
    const piece = fc.constantFrom(
      'The limit ',
      'is small',
      '. ',
      '[1]',
      ' [2]',
      '[3]',
      '[1, 3]',
      '\n\n',
      '`[1]`',
      'Files ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { text, citations } = citeAnswer(pieces.join(''), [guide, files]);
        for (const { n, quote, start, end } of citations) {
          const passage = n === 1 ? guide : files;
          expect(passage.text.slice(start - passage.start, end - passage.start)).toBe(quote);
          expect(text).toContain(`[${n}]`);
        }
      }),
    );
  });
});
