import { describe, expect, it } from 'vitest';
import { aDocx } from './docx-fixture.ts';
import { aPdf } from './pdf-fixture.ts';
import { toMarkdown } from './to-markdown.ts';

const never = new AbortController().signal;

function file(name: string, mimeType: string, content: string | Uint8Array) {
  return { name, mimeType, bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content };
}

describe('conversion to Markdown', () => {
  it('extracts the text of a PDF, page by page', async () => {
    const result = await toMarkdown(
      file('guide.pdf', 'application/pdf', aPdf(['Breakers open.', 'Caches fill.'])),
      never,
    );
    expect(result).toMatchObject({ name: 'guide.pdf', mimeType: 'application/pdf', format: 'markdown' });
    expect(result).toHaveProperty(
      'data',
      '# guide.pdf\n\n## Contents\n\n### Page 1\n\nBreakers open.\n\n### Page 2\n\nCaches fill.',
    );
  });

  it('keeps the structure of HTML and drops scripts and styles', async () => {
    const html =
      '<html><head><style>p{}</style></head><body><h1>Title</h1><p>A <b>bold</b> claim.</p><script>alert(1)</script><ul><li>one</li></ul></body></html>';
    const result = await toMarkdown(file('page', 'text/html; charset=utf-8', html), never);
    expect(result).toMatchObject({ mimeType: 'text/html', format: 'markdown' });
    expect(result).toHaveProperty('data', '# Title\n\nA **bold** claim.\n\n* one');
  });

  it('extracts the text of a Word document with its headings', async () => {
    const docx = aDocx(['# The lamp', 'It burns whale oil & more.']);
    const result = await toMarkdown(file('lamp.docx', 'application/octet-stream', docx), never);
    expect(result).toMatchObject({ format: 'markdown', data: '# The lamp\n\nIt burns whale oil & more.' });
  });

  it('makes a table of comma-separated values', async () => {
    const csv = 'what,"how, much"\r\noil,"5 ""lb"" each"\nwi|ck,\n';
    const result = await toMarkdown(file('costs.csv', 'text/csv', csv), never);
    expect(result).toHaveProperty('data', '| what | how, much |\n| --- | --- |\n| oil | 5 "lb" each |\n| wi\\|ck |  |');
  });

  it('passes text through and counts its tokens', async () => {
    const result = await toMarkdown(file('notes.md', 'text/markdown', '# Äpfel\n'), never);
    expect(result).toMatchObject({ format: 'markdown', data: '# Äpfel\n', tokens: 3 });
  });

  it('goes by the name when the type says nothing', async () => {
    const result = await toMarkdown(file('a.HTML', 'application/octet-stream', '<p>Hello</p>'), never);
    expect(result).toMatchObject({ mimeType: 'text/html', format: 'markdown', data: 'Hello' });
  });

  it.each([
    ['a PDF that is none', file('broken.pdf', 'application/pdf', 'not a PDF')],
    ['a Word document that is none', file('broken.docx', 'application/octet-stream', 'PK no')],
    ['a type it does not know', file('song.mp3', 'audio/mpeg', 'la la')],
  ])('reports %s as that file’s error', async (_, source) => {
    const result = await toMarkdown(source, never);
    expect(result).toMatchObject({ name: source.name, format: 'error', error: expect.stringMatching(/./) });
    expect(result).not.toHaveProperty('data');
  });

  it('stops when the client leaves', async () => {
    const client = new AbortController();
    const conversion = toMarkdown(file('guide.pdf', 'application/pdf', aPdf(['Text.'])), client.signal);
    client.abort();
    expect(await conversion).toMatchObject({ format: 'error' });
  });
});
