import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlToMarkdown } from './html-to-markdown.ts';

const BASE = 'https://example.com/docs/guide.html';

async function convert(html: string, baseUrl: string | null = BASE, maxCharacters = 1_000_000) {
  const converted = await htmlToMarkdown(html, { baseUrl, maxCharacters, pause: async () => {} });
  if (!converted.ok) throw new Error(converted.error.message);
  return converted.value;
}
const textOf = async (html: string, baseUrl: string | null = BASE) => (await convert(html, baseUrl)).text.trimEnd();

describe('the content of a page', () => {
  it.each([
    ['main', '<nav>Menu</nav><main><h1>Lamp</h1><p>Oil.</p></main><footer>Imprint</footer>', '# Lamp\n\nOil.'],
    ['what has the role', '<p>Around</p><div role="main"><p>Oil.</p></div>', 'Oil.'],
    ['an article', '<p>Around</p><article><header><h1>Lamp</h1></header><p>Oil.</p></article>', '# Lamp\n\nOil.'],
    ['each article', '<p>Around</p><article>One.</article><article>Two.</article>', 'One.\n\nTwo.'],
    ['main rather than its articles', '<main><p>A</p><article>B</article></main><article>C</article>', 'A\n\nB'],
    [
      'the body without what is around it',
      '<header>Logo</header><div role="banner">Banner</div><p>Oil.</p><aside>Ad</aside><footer>Imprint</footer>',
      'Oil.',
    ],
    ['the body where main is empty', '<main> </main><p>Oil.</p>', 'Oil.'],
    ['a page without forms', '<p>Oil.</p><form>Subscribe <input value="x"></form><p>Wick.</p>', 'Oil.\n\nWick.'],
    ['main without forms', '<main><p>Oil.</p><form>Vote</form></main>', 'Oil.'],
    ['a page that is all in one form', '<form><h1>Lamp</h1><p>Oil.</p></form>', '# Lamp\n\nOil.'],
    [
      'main in a form that has the whole page',
      '<a href="#main">Skip to the content</a><form><p>Around</p><main><p>Oil.</p></main></form><div>Made at noon</div>',
      'Oil.',
    ],
    ['what has the role in a form', '<p>Skip</p><form><div role="main">Oil.</div></form>', 'Oil.'],
    ['a form that has the role', '<p>Skip</p><form role="main">Oil.</form>', 'Oil.'],
    ['an article in a form', '<p>Skip</p><form><article>Oil.</article></form>', 'Oil.'],
    [
      'main without the forms in it, although another one is in a form',
      '<form><main><p>Oil.</p></main></form><main><p>Wick, and how to cut it.</p><form>Vote</form></main>',
      'Oil.\n\nWick, and how to cut it.',
    ],
    [
      'a page that is mostly in a form',
      '<p>Skip</p><form><h1>Lamp</h1><p>Everybody has thirty days.</p></form><div>Made at noon</div>',
      'Skip\n\n# Lamp\n\nEverybody has thirty days.\n\nMade at noon',
    ],
    [
      'a page that is mostly in many forms',
      `<h1>Goods</h1>${'<form><p>A lamp with a wick</p></form>'.repeat(3)}<p>Imprint</p>`,
      `# Goods\n\n${'A lamp with a wick\n\n'.repeat(3)}Imprint`,
    ],
    [
      'nothing that is not shown',
      '<script>let a = "<p>x</p>"</script><style>p{}</style><template><p>x</p></template><noscript>x</noscript>' +
        '<svg><title>x</title></svg><p hidden>x</p><p aria-hidden="true">x</p><!-- x --><select><option>x</select><p>Oil.</p>',
      'Oil.',
    ],
    ['an aside of an article', '<article>Oil. <aside>Danger!</aside></article>', 'Oil.\n\nDanger!'],
    ['mere text', 'Just words &amp; more', 'Just words & more'],
    ['nothing', '<p> </p>', ''],
  ])('is %s', async (_, html, expected) => {
    expect(await textOf(html)).toBe(expected);
  });
});

describe('the title of a page', () => {
  it.each([
    ['<title> Lamp &amp; oil </title><meta property="og:title" content="B"><h1>C</h1>', 'Lamp & oil'],
    ['<title></title><meta property="og:title" content="B &lt; C"><h1>C</h1>', 'B < C'],
    ['<h1>The <em>lamp</em></h1><h1>Other</h1>', 'The lamp'],
    ['<h2>Lamp</h2>', null],
  ])('of %s is %s', async (html, title) => {
    expect((await convert(html)).title).toBe(title);
  });
});

describe('the Markdown of a page', () => {
  it.each([
    ['paragraphs', '<p>One\n  two</p>three<div>four<div>five</div></div>', 'One two\n\nthree\n\nfour\n\nfive'],
    ['headings', '<h1>A</h1><h3>B <code>c</code></h3><h6>D</h6>', '# A\n\n### B `c`\n\n###### D'],
    ['line breaks', '<p>One<br>two<br/>three</p>', 'One\ntwo\nthree'],
    ['lists', '<p>Do:</p><ul><li>one</li><li>two</li></ul><p>End</p>', 'Do:\n\n- one\n- two\n\nEnd'],
    ['numbered lists', '<ol start="9"><li>one<li>two</ol>', '9. one\n10. two'],
    [
      'lists in lists',
      '<ul><li>a<ol><li>b</li><li>c</li></ol></li><li><p>d</p><p>e</p></li></ul>',
      '- a\n  1. b\n  2. c\n- d\n\n  e',
    ],
    ['quotes', '<p>He:</p><blockquote><p>One</p><p>Two</p></blockquote><p>End</p>', 'He:\n\n> One\n>\n> Two\n\nEnd'],
    [
      'tables',
      '<table><caption>Costs</caption><thead><tr><th>What</th><th>How | much</th></tr></thead><tbody><tr><td>Oil</td>' +
        '<td><p>5</p><p>pounds</p></td></tr><tr><td></td></tr></tbody></table><p>End</p>',
      'Costs\n\n| What | How \\| much |\n| --- | --- |\n| Oil | 5 pounds |\n\nEnd',
    ],
    [
      'tables that are layout',
      '<table><tr><td>Left</td><td><h2>Lamp</h2><p>Oil.</p><table><tr><td>a</td><td>b</td></tr></table></td></tr><tr><td>Foot</td></tr></table>',
      'Left\n\n## Lamp\n\nOil.\n\n| a | b |\n| --- | --- |\n\nFoot',
    ],
    [
      'code',
      '<pre class="x"><code class="hljs language-ts">const a = 1 &lt; 2;\n\n  if (a) <b>b</b>();\n</code></pre>',
      '```ts\nconst a = 1 < 2;\n\n  if (a) b();\n```',
    ],
    ['code by lines', '<pre><code><div class="line"><div>a</div></div><div>b</div></code></pre>', '```\na\nb\n```'],
    ['code with fences', '<pre>```\nx\n```</pre>', '````\n```\nx\n```\n````'],
    ['code in a list', '<ul><li>Run<pre>a\nb</pre></li></ul>', '- Run\n\n  ```\n  a\n  b\n  ```'],
    ['inline code', 'Run <kbd>npm  start</kbd> or <code>a`b</code>', 'Run `npm start` or `` a`b ``'],
    ['images', '<p>See <img src="a.png" alt="the lamp">!<img src="b.png"></p>', 'See the lamp !'],
    ['entities', '&Auml;pfel&nbsp;&#8211;&#x20AC; &notit; &amp;lt;', 'Äpfel –€ ¬it; &lt;'],
    [
      'text that looks like markup',
      '<p># no</p><p>- no</p><p>1. no</p><p>&gt; no</p><p>---</p>',
      '\\# no\n\n\\- no\n\n1\\. no\n\n\\> no\n\n\\---',
    ],
    [
      'broken markup',
      '<p>One<p>Two<b>three</p><li>four<td>five</div></section> six',
      'One\n\nTwothree\n\n- four\n\n  five six',
    ],
  ])('keeps %s', async (_, html, expected) => {
    expect(await textOf(html)).toBe(expected);
  });

  it.each([
    ['absolute', '<a href="https://example.org/a b(c)">see</a>', '[see](https://example.org/a%20b%28c%29)'],
    [
      'relative',
      'x <a href="../lamp?a=1&amp;b=2#wick"> the lamp </a> y',
      'x [the lamp](https://example.com/lamp?a=1&b=2#wick) y',
    ],
    ['of a base', '<base href="https://example.net/x/"><a href="y">see</a>', '[see](https://example.net/x/y)'],
    [
      'around blocks',
      '<a href="/a"><h2>Lamp</h2><p>Oil</p></a>',
      '## [Lamp](https://example.com/a)\n\n[Oil](https://example.com/a)',
    ],
    ['with brackets', '<a href="/a">a [1]</a>', '[a \\[1\\]](https://example.com/a)'],
    ['within the page', '<h2>Lamp <a href="#lamp">#</a></h2>', '## Lamp #'],
    ['that are marks only', '<h2>Lamp <a href="guide.html#lamp">¶</a></h2>', '## Lamp'],
    ['that run code', '<a href="javascript:alert(1)">see</a> <a href="data:text/html,x">it</a>', 'see it'],
    ['that are endless', `<a href="/${'a'.repeat(2_000)}">see</a>`, 'see'],
    ['that are endless as they are written', `<a href="${'./'.repeat(1_000)}lamp">see</a>`, 'see'],
    ['of nothing', '<a href="/a"><svg></svg></a>Oil', 'Oil'],
  ])('has links %s', async (_, html, expected) => {
    expect(await textOf(html)).toBe(expected);
  });

  it('has absolute links only where it is not known where the page is', async () => {
    expect(await textOf('<a href="/a">a</a> <a href="https://example.org/">b</a>', null)).toBe(
      'a [b](https://example.org/)',
    );
  });
});

describe('a hostile page', () => {
  it('that grows without end is refused', async () => {
    const html = `<base href="https://example.com/${'a'.repeat(900)}/">${'<a href=x>y</a>'.repeat(2_000)}`;
    const refused = await htmlToMarkdown(html, { baseUrl: null, maxCharacters: 10_000, pause: async () => {} });
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: 'CONVERSION_TOO_LARGE',
        message: expect.stringContaining('10000 characters (MAX_CONVERTED_CHARACTERS)'),
      },
    });
  });

  it('that is nested without end is refused', async () => {
    const options = { baseUrl: null, maxCharacters: 1_000_000, pause: async () => {} };
    expect(await htmlToMarkdown('<b>'.repeat(100_000), options)).toMatchObject({
      ok: false,
      error: { code: 'CONVERSION_FAILED' },
    });
  });

  it.each([
    ['lists in lists', `${'<ul><li>a'.repeat(400)}`],
    ['quotes in quotes', `${'<blockquote>a'.repeat(900)}`],
    ['a tag without end', `<p>Oil</p><a ${'x'.repeat(500_000)}`],
    ['a comment without end', `<p>Oil</p><!-- ${'x'.repeat(500_000)}`],
    ['a word without end', 'x'.repeat(500_000)],
    ['open brackets', '<'.repeat(200_000)],
    ['closing tags', `Oil${'</p></b>'.repeat(50_000)}`],
    ['mains and forms', '<main>a</main><form>b</form>'.repeat(10_000)],
    ['cells', `<table><tr>${'<td>a'.repeat(50_000)}`],
    ['backticks', `<pre>${'`` ``` '.repeat(200_000)}</pre><code>${'`x'.repeat(200_000)}</code>`],
    ['entities', '&amp;&'.repeat(100_000)],
    ['code without end', `<ul><li><pre>${'const a = `b`\r\n'.repeat(130_000)}`],
    ['a cell without end', `<table><tr><td>${'a<br>'.repeat(400_000)}`],
    ['paragraphs', '<p>a</p>'.repeat(80_000)],
  ])('of %s is no more work than another', async (_, html) => {
    const longest = [await longestStepMs(html), await longestStepMs(html), await longestStepMs(html)];
    // The best of three, generously: the machine may be busy with other tests.
    expect(Math.min(...longest)).toBeLessThan(100);
  });
});

describe('what is very long', () => {
  it('is written in several blocks when it is code, and loses no line', async () => {
    const lines = Array.from({ length: 30_000 }, (_, n) => `  line ${n}`);
    const blocks = (await textOf(`<pre class="language-ts">${lines.join('\n')}</pre>`)).split('\n\n');
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) {
      expect(block).toMatch(/^```ts\n.*\n```$/s);
      expect(block.length).toBeLessThan(120_000);
    }
    expect(blocks.flatMap((block) => block.split('\n').slice(1, -1))).toEqual(lines);
  });

  it('stays one cell, and loses no line', async () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => `line ${n}`);
    const text = await textOf(`<table><tr><td>${lines.join('<br>')}</td><td>b</td></tr></table>`);
    expect(text).toBe(`| ${lines.join(' ')} | b |\n| --- | --- |`);
  });

  it('is read as text when its table turns out to be layout', async () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => `line ${n}`);
    const text = await textOf(`<table><tr><td>${lines.join('<br>')}<h2>Lamp</h2></td></tr></table>`);
    expect(text.match(/line \d+/g)).toEqual(lines);
    expect(text.endsWith('## Lamp')).toBe(true);
  });

  it('is read in several steps when it is one section of character data, and loses nothing', async () => {
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    const words = Array.from({ length: 60_000 }, (_, n) => `word${n}`);
    const html = `<p>One</p><p><![CDATA[${words.join(' ')}]]></p><p><![CDATA[${words.join('\n')}]]> &amp; two</p>`;
    const options = { baseUrl: BASE, isXhtml: true, maxCharacters: 10_000_000, pause };
    const converted = await htmlToMarkdown(html, options);
    const text = converted.ok ? converted.value.text.replace(/\s+/g, '') : '';
    expect(text === `One${words.join('').repeat(2)}&two`).toBe(true);
    // Once as a section, once as text.
    expect(pauses).toBeGreaterThanOrEqual(Math.floor((2 * html.length) / 8_000));
  });

  it('is joined in several steps', async () => {
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    const html = `<main>${'a<form>b</form>'.repeat(30_000)}</main>`;
    await htmlToMarkdown(html, { baseUrl: BASE, maxCharacters: 10_000_000, pause });
    expect(pauses).toBeGreaterThanOrEqual(Math.floor(html.length / 8_000) + 3);
  });
});

async function longestStepMs(html: string): Promise<number> {
  let longestMs = 0;
  let since = performance.now();
  const pause = async () => {
    longestMs = Math.max(longestMs, performance.now() - since);
    since = performance.now();
  };
  await htmlToMarkdown(html, { baseUrl: BASE, maxCharacters: 10_000_000, pause });
  await pause();
  return longestMs;
}

describe('any page', () => {
  const tag = fc.constantFrom(
    'p',
    'div',
    'main',
    'article',
    'ul',
    'li',
    'table',
    'tr',
    'td',
    'a href="/x"',
    'pre',
    'code',
    'h2',
    'form',
    'blockquote',
    'br',
    'header',
  );
  const piece = fc.oneof(
    fc.integer({ min: 0, max: 999 }).map((n) => ` word${n} `),
    tag.map((name) => `<${name}>`),
    tag.map((name) => `</${name.split(' ')[0]}>`),
  );

  it('gives the same text however it is cut up, and no word it does not have', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        const html = pieces.join('');
        const text = await textOf(html);
        // A comment in front moves every cut.
        expect(await textOf(`<!--${'-'.repeat(7_990)}-->${html}`)).toBe(text);
        const words: string[] = html.match(/word\d+/g) ?? [];
        for (const word of text.match(/word\d+/g) ?? []) expect(words).toContain(word);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('without forms and frames of a page loses no word and keeps their order', async () => {
    const body = fc.oneof(
      fc.integer({ min: 0, max: 999 }).map((n) => ` word${n} `),
      fc
        .constantFrom('p', 'div', 'ul', 'li', 'table', 'tr', 'td', 'pre', 'code', 'h2', 'blockquote', 'br')
        .chain((name) => fc.constantFrom(`<${name}>`, `</${name}>`)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 60 }), async (pieces) => {
        const html = pieces.join('');
        expect((await textOf(html)).match(/word\d+/g)).toEqual(html.match(/word\d+/g));
      }),
      { seed: 6, numRuns: 400 },
    );
  });
});
