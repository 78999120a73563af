import { expect, it } from 'vitest';
import { defaultTitle } from './document-title.ts';

it.each([
  ['the first heading', '# Getting *started*\n\n# Later', 'Getting started'],
  ['a heading of any level', 'Intro.\n\n### `fetch()`', 'fetch()'],
  ['an underlined heading', 'Getting started\n===\n', 'Getting started'],
  ['no line of code', '```sh\n# a comment\n```\n\n# Real', 'Real'],
  ['no line of code in a list item', '- ```sh\n  # a comment\n  ```\n\n# Real', 'Real'],
  ['a heading below a line of code in three backticks', '```npm i tool```\n\n# Real', 'Real'],
  ['no line of front matter', '---\n# a comment\ntitle: x\n---\n# Real', 'Real'],
  ['no heading without words', '# ***\n\n## Real', 'Real'],
  ['a heading after some text', `${'word '.repeat(10_000)}\n\n# Real`, 'Real'],
  ['no heading far below', `${'word\n'.repeat(14_000)}# Late`, 'start.md'],
  ['no heading below very many lines', `${'-\n'.repeat(4_000)}# Late`, 'start.md'],
  ['the last segment of the id when there is no heading', 'Just text.', 'start.md'],
])('is %s', (_, content, title) => {
  expect(defaultTitle('guides/start.md', content, 'text/markdown')).toBe(title);
});

it('is the last segment of the id for plain text', () => {
  expect(defaultTitle('guides/start.txt', '# not a heading', 'text/plain')).toBe('start.txt');
});

it('keeps underscores inside names and cuts a very long heading', () => {
  expect(defaultTitle('a', '# The max_retries_total _option_', 'text/markdown')).toBe('The max_retries_total option');
  const cut = defaultTitle('a', `# ${'🔥'.repeat(300)}x`, 'text/markdown');
  expect(cut.length).toBeLessThanOrEqual(120);
});
