import { describe, expect, it } from 'vitest';
import { inSeconds } from '../../../test/read-path-builders.ts';
import type { TextType } from '../media-types.ts';
import { makeText } from './make-text.ts';

async function convert(contentType: TextType, content: string) {
  const services = {
    converter: { convert: () => Promise.reject(new Error('a page is no file')) },
    telemetry: { emit: () => {}, count: () => {}, observe: () => {} },
    wait: async () => {},
    settings: { maxConvertedCharacters: 1_000_000 },
  };
  const original = { kind: 'text', contentType, content } as const;
  const made = await makeText(services, original, { documentId: 'lamp', baseUrl: null }, inSeconds(1));
  if (!made.ok) throw new Error(made.error.message);
  return { title: made.value.title, text: made.value.text.trim() };
}

const page = (body: string, head = '<title>Lamp</title>') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>${head}</head><body>${body}</body></html>`;
const textOfXhtml = async (body: string) => (await convert('application/xhtml+xml', page(body))).text;

describe('XHTML', () => {
  it.each([
    'script src="a.js" type="text/javascript"',
    'style',
    'iframe src="a"',
    'textarea',
    'noscript',
    'nav',
    'aside',
    'button',
    'svg',
    'a id="oil"',
    'div',
    'td',
    'pre',
    'code',
    'h2',
  ])('has elements that are closed as they are opened, like <%s/>', async (element) => {
    expect(await textOfXhtml(`<p>Oil.</p><${element}/><p>Wick.</p>`)).toBe('Oil.\n\nWick.');
  });

  it('may have such an element in its head', async () => {
    const html = page('<h1>Oil</h1><p>Wick.</p>', '<title/><script src="a.js"/><link href="a.css"/>');
    expect(await convert('application/xhtml+xml', html)).toEqual({ title: 'Oil', text: '# Oil\n\nWick.' });
  });

  it('has text in sections of character data', async () => {
    expect(await textOfXhtml('<p>One <![CDATA[wick & <two> &amp; oils]]>.</p>')).toBe('One wick & <two> &amp; oils.');
  });

  it('says as much as HTML otherwise', async () => {
    const body =
      '<P>&Auml;pfel&nbsp;&amp; &#x20AC;<br></br>two<br/>three</P><script>//<![CDATA[\nlet a = "<p>x</p>";\n//]]></script><ul><li>a</li><li>b</li></ul>';
    expect(await textOfXhtml(body)).toBe('Äpfel & €\ntwo\nthree\n\n- a\n- b');
    expect(await textOfXhtml(body)).toBe((await convert('text/html', page(body))).text);
  });
});

it('HTML knows no elements that are closed as they are opened', async () => {
  expect(await convert('text/html', '<p>Oil.</p><nav/><p>Menu.</p>')).toEqual({ title: null, text: 'Oil.' });
});
