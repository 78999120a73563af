import type { MadeDocument } from '../stack/requests.ts';

export interface HostileDocument {
  name: string;
  contentType: NonNullable<MadeDocument['contentType']>;
  content: string;
}

const LINES = 40_000;
const CHARACTERS = 1_000_000;
const WORDS = 'keeper lantern harbour barometer ledger valve orchard ferry copper signal rope archive'.split(' ');

/**
 * Documents that have much to do in little text, or no place to stop at. Their lines repeat: a model that embeds them is
 * not what is watched.
 */
export function hostileDocuments(): HostileDocument[] {
  return [
    markdown('nested list items', `# List\n\n${lines((n) => `${'  '.repeat(n % 5)}- item ${n % 60} of the list`)}`),
    markdown(
      'one-line paragraphs',
      lines((n) => `Para ${n % 50}.\n`, 2 * LINES),
    ),
    { name: 'one-line HTML paragraphs', contentType: 'text/html', content: page(lines(htmlParagraph, 2 * LINES, '')) },
    { name: 'one HTML paragraph', contentType: 'text/html', content: page(`<p>${repeated(SENTENCE)}</p>`) },
    markdown('table rows', `# Table\n\n| a | b |\n|---|---|\n${lines((n) => `| row ${n % 40} | the ${wordOf(n)} |`)}`),
    markdown(
      'nested quotes',
      lines((n) => `${'> '.repeat(1 + (n % 6))}quoted ${n % 70} text`),
    ),
    markdown('one block of code', `# Code\n\n\`\`\`js\n${lines((n) => `const a${n % 80} = ${n % 80};`)}\n\`\`\`\n`),
    markdown('links and emphasis in one line', repeated('[a](http://example.com/b "c") *em* **st** `co` ')),
    markdown(
      'headings',
      lines((n) => `${'#'.repeat(1 + (n % 6))} The ${wordOf(n)}`),
    ),
    markdown(
      'reference definitions',
      lines((n) => `[${wordOf(n)} ${n % 90}]: http://example.com/${n % 90}`),
    ),
    {
      name: 'Chinese without a space',
      contentType: 'text/plain',
      content: repeated('港口的灯塔管理员每天检查镜头，因为保险公司要求这样做。'),
    },
    { name: 'one word', contentType: 'text/plain', content: repeated('abcdefghij') },
  ];
}

const SENTENCE = 'One long paragraph goes on about boats without an end to it. ';
const htmlParagraph = (n: number) => `<p>Para ${n % 50} about boats.</p>`;

function markdown(name: string, content: string): HostileDocument {
  return { name, contentType: 'text/markdown', content };
}

function page(body: string): string {
  return `<html><head><title>Page</title></head><body><main>${body}</main></body></html>`;
}

function lines(lineOf: (n: number) => string, count = LINES, separator = '\n'): string {
  return Array.from({ length: count }, (_, n) => lineOf(n)).join(separator);
}

function repeated(text: string): string {
  return text.repeat(Math.ceil(CHARACTERS / text.length));
}

function wordOf(n: number): string {
  return WORDS[n % WORDS.length] ?? '';
}
