import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { createLinkGuard } from './link-guard.ts';

const passage = aPassage(
  1,
  'Read https://hono.dev/docs/guides. A ![map](/images/map.png), see [routing](/docs/routing "all of it").',
  { url: 'https://docs.example/guide' },
);

function guarded(text: string): string {
  const guard = createLinkGuard([passage]);
  return guard.push(text) + guard.end();
}

describe('links in an answer', () => {
  it.each([
    'It is at https://hono.dev/docs/guides.',
    'It is at https://hono.dev/docs, they say',
    'See [the guide](https://docs.example/guide) and ![map](/images/map.png "a map").',
    'See [routing](/docs/routing).',
    '1 // 2, with a why. And what? http: no, and https too',
    '```ts\nfetch("https://api.example/x")\n```',
  ])('stay when the passages have them: %s', (text) => {
    expect(guarded(text)).toBe(text);
  });

  it.each([
    ['![x](https://evil.example/?q=secret)', '![x]()'],
    ['[more](https://evil.example/?q=secret "title") here', '[more]( "title") here'],
    ['See https://evil.example/a. Then', 'See . Then'],
    ['<https://evil.example/a>', '<>'],
    ['HTTPS://EVIL.example/a b', ' b'],
    ['![x](//evil.example/a)', '![x]()'],
    ['src="//evil.example/a"', 'src=""'],
    ['[x](javascript:alert(1))', '[x]())'],
    ['[x]( <data:text/html,x> )', '[x]( <> )'],
    ['[1]: https://evil.example/a', '[1]: '],
    ['www.evil.example/?a=b c', ' c'],
    ['https://hono.dev/docs/guides?q=secret', ''],
    ['https://hono.dev.evil.example/', ''],
    ['`https://evil.example`', '``'],
    ['xhttps://evil.example/a', 'xhttps:'],
    ['[x](https://evil.example/a', '[x]('],
  ])('go when they do not: %s', (text, left) => {
    expect(guarded(text)).toBe(left);
  });

  it('are the same however the text is cut up', () => {
    const text = fc
      .array(
        fc.constantFrom(
          '](',
          '](<',
          'https://',
          'hono.dev',
          '/docs',
          'evil',
          '.',
          ' ',
          'w',
          'h',
          '/',
          '//',
          'www.',
          ')',
          '```\n',
          '`',
          '\n',
          '🙂',
        ),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (whole, cuts) => {
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

  it('hold nothing but what may be an address', () => {
    const guard = createLinkGuard([passage]);
    expect(guard.push('A word is shown at once. [A link](')).toBe('A word is shown at once. [A link](');
    expect(guard.push('https://hono.dev/do')).toBe('');
    expect(guard.push('cs) x')).toBe('https://hono.dev/docs) x');
  });
});
