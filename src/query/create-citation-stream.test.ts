import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import type { CitedPiece } from './citation-stream.ts';
import { createCitationStream } from './create-citation-stream.ts';

const DOCUMENT = '# Guide\n\nHono is small. The body limit is one megabyte, and `args[2]` is code. It can be changed.';
const passages = [
  aPassage(1, DOCUMENT.slice(9), { start: 9, url: 'https://docs.example/guide', title: 'Guide' }),
  aPassage(2, 'Upload files with a form.\n\n- At most two files are taken at once.\n\n```ts\nupload([1], [2])\n```', {
    documentId: 'files.md',
  }),
  aPassage(12, 'Cookies are signed.'),
];

/** Neighbouring texts as one. */
function joined(pieces: CitedPiece[]): CitedPiece[] {
  const all: CitedPiece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text') last.text += piece.text;
    else all.push({ ...piece });
  }
  return all;
}

function cited(...pushes: string[]): CitedPiece[] {
  const stream = createCitationStream(passages);
  return joined([...pushes.flatMap((text) => stream.push(text)), ...stream.end()]);
}

const textOf = (pieces: CitedPiece[]) => pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
const numbersOf = (pieces: CitedPiece[]) =>
  pieces.flatMap((piece) => (piece.kind === 'citation' ? [piece.citation.n] : []));

describe('a stream of cited text', () => {
  it('(peers 21) follows a known number with what it stands for', () => {
    expect(cited('The limit is one megabyte [1]. More.')).toEqual([
      { kind: 'text', text: 'The limit is one megabyte [1]' },
      {
        kind: 'citation',
        citation: {
          n: 1,
          chunkId: 'chunk-1',
          documentId: 'guide.md',
          title: 'Guide',
          url: 'https://docs.example/guide',
          quote: 'The body limit is one megabyte, and `args[2]` is code.',
          start: 24,
          end: 78,
        },
      },
      { kind: 'text', text: '. More.' },
    ]);
  });

  it.each([
    ['Small [1][2].', 'Small [1][2].', [1, 2]],
    ['Small [1, 2].', 'Small [1][2].', [1, 2]],
    ['Small [1,2;12].', 'Small [1][2][12].', [1, 2, 12]],
    ['Small [1, 2, 12, 9].', 'Small [1][2][12].', [1, 2, 12]],
    ['Small [^1].', 'Small [1].', [1]],
    ['Small 【1】.', 'Small [1].', [1]],
    ['Small ［12］.', 'Small [12].', [12]],
    ['Small[12].', 'Small[12].', [12]],
    ['[[1]]', '[[1]]', [1]],
  ])('understands the ways models cite: %s', (text, shown, numbers) => {
    const pieces = cited(text);
    expect(textOf(pieces)).toBe(shown);
    expect(numbersOf(pieces)).toEqual(numbers);
  });

  it.each([
    ['Small [7].', 'Small.'],
    ['Small [0][99].', 'Small.'],
    ['Small [7, 8, 9, 10, 11].', 'Small.'],
    ['Small [1, 9] and [9, 1].', 'Small [1] and [1].'],
    ['Small 【9】 and [^9] so.', 'Small and so.'],
    ['\t[9] Small', ' Small'],
    ['A [[9]1] and [1[9]2] of [ [9]7].', 'A […1] and [1…2] of [ …7].'],
  ])('drops numbers that nobody gave, with the space before them: %s', (text, shown) => {
    expect(textOf(cited(text))).toBe(shown);
  });

  it.each([
    'A [link](/x), a [ ] task, [2024], [1x], [1】, [], [-1] and [',
    'Code `args[2]` and ``a ` [9]``.\n```js\nargs[9]\n```\n',
    '~~~\nx[1]\n~~~',
    'An end [1',
  ])('leaves everything else as it is: %s', (text) => {
    const given = text.replace('/x', '');
    expect(cited(given)).toEqual([{ kind: 'text', text: given }]);
  });

  it('names a passage twice only for two of its sentences', () => {
    const pieces = cited('Hono is small [1]. Hono is small [1]. The body limit is a megabyte [1].');
    expect(numbersOf(pieces)).toEqual([1, 1]);
    expect(textOf(pieces)).toBe('Hono is small [1]. Hono is small [1]. The body limit is a megabyte [1].');
  });

  it('looks at the sentence before when the one that cites has not said anything yet', () => {
    const citations = cited('The body limit is one megabyte. According to [1] so.').filter(
      ({ kind }) => kind === 'citation',
    );
    expect(citations).toMatchObject([{ citation: { quote: expect.stringContaining('one megabyte') } }]);
  });

  it('holds a bracket and six characters at most, with the space before', () => {
    const stream = createCitationStream(passages);
    expect(stream.push('Small [1, 12')).toEqual([{ kind: 'text', text: 'Small' }]);
    expect(stream.push('34')).toEqual([{ kind: 'text', text: ' [1, 1234' }]);
    expect(stream.push(' [1, 2')).toEqual([]);
    expect(stream.push(', ')).toEqual([]);
    expect(textOf(stream.push('1'))).toBe(' [1][2]');
    expect(textOf(stream.push('2].'))).toBe('[12].');
    expect(textOf(stream.push(' [wo'))).toBe(' [wo');
  });
});

const part = fc.constantFrom(
  ...[
    'The limit ',
    'is one megabyte',
    '. ',
    '[1]',
    ' [2]',
    '[3]',
    '[1, 3]',
    '[1, 2, 12, 4]',
    '【1',
    '】',
    '[^1]',
    '[',
    ']',
  ],
  ...[
    '1',
    ',',
    ' ',
    '\n\n',
    '`[1]`',
    '`',
    '```\n',
    '\n```\n',
    'Files ',
    '](',
    'https://docs.example/guide',
    '🙂',
    '限界',
  ],
);
const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''));
const cuts = fc.array(fc.nat(120), { maxLength: 12 });

function cutUp(whole: string, at: number[]): string[] {
  const sorted = [0, ...[...at].sort((a, b) => a - b), whole.length];
  return sorted.slice(1).map((end, index) => whole.slice(sorted[index], Math.max(end, sorted[index] ?? 0)));
}

describe('whatever a model writes', () => {
  it('gives the same pieces however it is cut up', () => {
    fc.assert(
      fc.property(text, cuts, (whole, at) => {
        expect(cited(...cutUp(whole, at))).toEqual(cited(whole));
      }),
    );
  });

  it('shows known numbers only, each with a verbatim quote of a passage at its place', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const pieces = cited(whole);
        for (const [index, piece] of pieces.entries()) {
          if (piece.kind !== 'citation') continue;
          const { n, quote, start, end } = piece.citation;
          const passage = passages.find((each) => each.n === n);
          if (passage === undefined) throw new Error('an unknown passage is cited');
          expect(passage.text.slice(start - passage.start, end - passage.start)).toBe(quote);
          if (n === 1) expect(DOCUMENT.slice(start, end)).toBe(quote);
          expect(textOf(pieces.slice(0, index))).toMatch(new RegExp(`\\[${n}\\]$`));
        }
      }),
    );
  });

  it('changes nothing outside brackets, and holds little', () => {
    const plain = fc
      .array(fc.constantFrom('a', 'B', '1', ' ', '. ', '\n', '`', '(', '🙂', 'ж', '限', '*'), { maxLength: 40 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(plain, cuts, (whole, at) => {
        const stream = createCitationStream(passages);
        let given = '';
        let shown = '';
        for (const push of cutUp(whole, at)) {
          given += push;
          shown += textOf(stream.push(push));
          expect(given.startsWith(shown)).toBe(true);
          expect(given.length - shown.length).toBeLessThanOrEqual(1);
        }
        expect(shown + textOf(stream.end())).toBe(whole);
      }),
    );
  });

  it('holds a space, a bracket and six characters at most', () => {
    const brackets = fc
      .array(fc.constantFrom('[', '1', '12', ',', ' ', ']', '^', ';', '【', 'a'), { maxLength: 30 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(brackets, (whole) => {
        const stream = createCitationStream(passages);
        for (const unit of whole.split('')) stream.push(unit);
        expect(textOf(stream.end()).length).toBeLessThanOrEqual(8);
      }),
    );
  });
});
