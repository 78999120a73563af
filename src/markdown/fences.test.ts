import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { expect, it } from 'vitest';
import { createFenceTracker, type FencePlace } from './fences.ts';

const LETTERS: Record<FencePlace, string> = { outside: '.', opening: '(', inside: '-', closing: ')' };

/** A letter for the place of each line. */
function places(lines: string[]): string {
  const placeOf = createFenceTracker();
  return lines.map((line) => LETTERS[placeOf(`${line}\n`)]).join('');
}

it.each([
  ['ends with as many marks of the same kind, or more', '(---).', ['```', '``', '~~~', '', '````', 'a']],
  ['ends with marks alone in their line', '(--).', ['```sh', '``` sh', '    ```', '``` \t', 'a']],
  ['has no backticks behind those that open it', '..', ['```npm install tool```', 'a']],
  ['has anything behind its tildes', '(-)', ['~~~ a `b` ~~~', 'a', '~~~']],
  ['does not stand in a fourth column', '..(-)', ['    ```', '\t```', '   ```', 'a', '```']],
  ['ends with the text', '(--', ['```', 'a', '']],
  ['may begin with its list item', '(-).', ['1. ```sh', '   a', '   ```', '2. b']],
  ['may begin with an item in an item', '(-).', ['- 1. ~~~', '     a', '     ~~~', 'b']],
  ['may stand deep in a list item', '..(-)', ['1.  a', '', '    ```', '    b', '    ```']],
  ['may close less deep than it opened', '..(-).', ['* a', '', '    ```', '    b', '   ```', 'c']],
  ['does not close too deep for its item', '(--)', ['- ```', '  a', '      ```', '     ```']],
  ['ends with its list item', '(--.(-)', ['- ```', '  a', '', 'b', '```', 'c', '```']],
  ['may begin where another ends with its item', '(-(-)', ['- ```', '  a', '```', 'b', '```']],
])('a fence %s', (_, expected, lines) => {
  expect(places(lines)).toBe(expected);
});

it('are looked for once in a line, whatever it is made of', () => {
  const placeOf = createFenceTracker();
  const startedMs = performance.now();
  for (let n = 0; n < 6_000; n += 1) placeOf(`${'~'.repeat(900)}\u2028x\n`);
  // Each split of the run tried anew took seconds.
  expect(performance.now() - startedMs).toBeLessThan(500);
});

it('knows Windows line ends', () => {
  const placeOf = createFenceTracker();
  const lines = ['- ```\r\n', '  a\r\n', '\r\n', '  ```\r\n', 'b\r\n'];
  expect(lines.map((line) => LETTERS[placeOf(line)]).join('')).toBe('(--).');
});

it('takes the same lines for code as the parser', () => {
  const indent = fc.constantFrom('', '', '', ' ', '  ', '   ', '    ', '     ', '\t');
  const fence = fc.constantFrom('```', '```sh', '~~~', '````', '* ```js', '- ```', '1. ~~~', '-     ```', '- - ```');
  const text = fc.constantFrom('', '# heading', '---', 'word', '- a', '1. a', '```a```', '``` x `y`');
  const lineOf = ([before, line]: [string, string]) => `${before}${line}`;
  const fenceLine = fc.tuple(indent, fence).map((parts) => [lineOf(parts)]);
  // Without a blank line between them, a line may belong to an item that it is not indented for.
  const textLines = fc.tuple(indent, text).map((parts) => [lineOf(parts), '']);
  const block = fc.oneof(fenceLine, textLines);
  fc.assert(
    fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
      const lines = blocks.flat();
      const withWords = (isCode: boolean, n: number) => isCode && lines[n]?.trim() !== '';
      expect([...places(lines)].map((place) => place !== '.').map(withWords)).toEqual(
        parsedPlaces(lines).map(withWords),
      );
    }),
    { numRuns: 2_000 },
  );
});

/** For each line whether it is of a fenced block of code. */
function parsedPlaces(lines: string[]): boolean[] {
  const text = lines.join('\n');
  const isCode = lines.map(() => false);
  const nodes: ReturnType<typeof fromMarkdown>['children'] = [...fromMarkdown(text).children];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if ('children' in node) nodes.push(...node.children);
    if (node.type !== 'code' || node.position === undefined) continue;
    const { start, end } = node.position;
    if (!/^[`~]{3}/.test(text.slice(start.offset))) continue;
    const last = end.column === 1 && end.line > start.line ? end.line - 1 : end.line;
    isCode.fill(true, start.line - 1, last);
  }
  return isCode;
}
