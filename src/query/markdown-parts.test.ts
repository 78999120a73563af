import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partsOf } from './markdown-parts.ts';

const commentsOf = (text: string) =>
  partsOf(text).flatMap(({ kind, start, end }) => (kind === 'comment' ? [text.slice(start, end)] : []));

it('finds comments in prose, to their end or that of the text', () => {
  expect(commentsOf('a <!-- b\n\n```\nc --> d <!--> e <!-- f')).toEqual(['<!-- b\n\n```\nc -->', '<!-->', '<!-- f']);
});

it.each([
  '`<!-- a -->`',
  '``<!-- ` a -->``',
  '```html\n<!-- a -->\n```',
  '~~~ md\n<!-- a -->\n~~~',
  '1. x\n   ```js\n   <!-- a -->',
])('leaves those that code shows: %j', (text) => {
  expect(commentsOf(text)).toEqual([]);
});

it.each([
  '    ```html\n    <!-- a -->\n    ```',
  'x\n\t```html\n<!-- a -->',
  '- x\n  ```html\n<!-- a -->\n```',
  '```\n<!-- a -->\n```',
  '    code\n```\n<!-- a -->',
  '` <!-- a -->',
  '`` <!-- a --> `',
  '\\` <!-- a --> `',
  '``` `\n<!-- a -->',
  '```html\nx\n```\n<!-- a -->',
])('finds those in what is no code, or may be none: %j', (text) => {
  expect(commentsOf(text)).toEqual(['<!-- a -->']);
});

it('has every unit of a text once, in order', () => {
  const piece = fc.constantFrom('a', ' ', '\n', '`', '```', '~~~', '<!--', '-->', '    ', '- ', '\\', '\r\n');
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (text) => {
        let at = 0;
        for (const { start, end } of partsOf(text)) {
          expect(start).toBe(at);
          at = end;
        }
        expect(at).toBe(text.length);
      },
    ),
  );
});
