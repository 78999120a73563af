import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import type { CitedPiece } from './citation-stream.ts';
import { createCitationStream } from './create-citation-stream.ts';
import { placeCitations } from './place-citations.ts';

const passages = [
  aPassage(1, 'Hono is small. The body limit is one megabyte, and `args[2]` is code. It can be changed.', { start: 9 }),
  aPassage(2, '# Files\n\nUpload files with a form.\n\n- At most two files.\n\n```ts\nupload([1], [2])\n```'),
  aPassage(12, 'Cookies are signed. See https://docs.example/guide.'),
];

/** As the stream had it, its texts joined. */
function live(written: string): CitedPiece[] {
  const stream = createCitationStream(passages);
  const pieces: CitedPiece[] = [];
  for (const piece of [...written.split('').flatMap((unit) => stream.push(unit)), ...stream.end()]) {
    const last = pieces.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text') last.text += piece.text;
    else pieces.push({ ...piece });
  }
  return pieces;
}

function finished(pieces: CitedPiece[]): Parameters<typeof placeCitations> {
  return [
    pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join(''),
    pieces.flatMap((piece) => (piece.kind === 'citation' ? [piece.citation] : [])),
  ];
}

const part = fc.constantFrom(
  ...['Hono is small', 'The body limit', ' is one megabyte', 'Files', ' can be changed', 'Cookies', 'zzz', '. ', ' '],
  ...['[1]', ' [1]', ' [2]', '[12]', '[3]', '[1, 2]', ' [1, 2, 12, 4]', '【1】', '[^2]', '[', ']', '1', '9]', '[ 1 ]'],
  ...['`a[1]`', '`', '```\n', '\n```\n', '    ', '- ', '\n', '\n\n', '1. '],
  ...['https://docs.example/guide', 'https://evil.example', '](', ')', '[x](//evil)', '<b>', '限界', '🙂'],
);

describe('the citations of a finished text', () => {
  it('stand where they stood in the stream that wrote it', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const pieces = live(parts.join(''));
        expect(placeCitations(...finished(pieces))).toEqual(pieces);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    'Hono is small [1]. Hono is small [1]. The body limit is one megabyte [1].',
    'Use `args[1]` first. The body limit [1].',
    '```\nupload([1])\n```\nHono is small [1].',
    'See [1][2], and [2] with files at most two [2].',
  ])('follow the number that they were made for: %s', (written) => {
    const pieces = live(written);
    expect(placeCitations(...finished(pieces))).toEqual(pieces);
  });

  it('come last when the text has no number for them', () => {
    const [, citations] = finished(live('Hono is small [1].'));
    expect(placeCitations('Small.', citations).map(({ kind }) => kind)).toEqual(['text', 'citation']);
  });
});
