import { expect, it } from 'vitest';
import { bodyStart } from './front-matter.ts';

const withLines = (lines: string) => `---\n${lines}---\nText.`;

it('a text begins after a front matter of up to 200 lines', () => {
  const content = withLines(`a:\n${'- a\n'.repeat(197)}`);
  expect(content.slice(bodyStart(content))).toBe('Text.');
});

it.each([
  ['lines', '\n'.repeat(300)],
  ['characters', `a: ${'b'.repeat(20_000)}\n`],
])('a text is its own beginning when the end of a front matter is not found within so many %s', (_, lines) => {
  expect(bodyStart(withLines(lines))).toBe(0);
});

it.each([
  ['a key in another alphabet', '标签: [安装, 网络]\n'],
  ['a flow mapping', '{ "title": "Guide", "lang": "en" }\n'],
  ['a flow mapping of several lines', '{\n  "title": "Guide",\n  "lang": "en"\n}\n'],
  ['a list below its key', '# comment\n\ntags: # more\n- a\n\n- b: c\n  d: e\n- f\n'],
  ['an indented mapping', '  title: Guide\n  lang: en\n'],
])('%s is front matter', (_, lines) => {
  const content = withLines(lines);
  expect(content.slice(bodyStart(content))).toBe('Text.');
});

it.each([
  ['a list', '- Monday\n- Sunday closed\n'],
  ['an indented list', '  - Monday\n  - Sunday closed\n'],
  ['a heading and a list', '# Opening hours\n- Monday from nine to five\n- Sunday closed\n\n'],
  ['a sentence and a list', 'Opening hours: as follows\n- Monday\n- Sunday closed\n'],
  ['a heading', '# Opening hours\n'],
  ['indented text', '    run this\n'],
  ['a tag of a template', '{% include "x" %}\n'],
])('%s between two thematic breaks is text', (_, lines) => {
  expect(bodyStart(withLines(lines))).toBe(0);
});
