import { describe, expect, it } from 'vitest';
import { markdownSegments } from './markdown-segments.ts';

function segmentsOf(content: string): string[] {
  return [...markdownSegments(content, 0)].map(({ start, end }) => content.slice(start, end));
}

const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

describe('a segment of Markdown', () => {
  it.each([
    ['list items', '- a\n'],
    ['underlined headings', 'a\n=\n'],
    ['empty items', '-\n'],
    ['reference definitions', '[a]: b\n'],
    ['paragraphs', 'a\n\n'],
    ['quotes in items', '- > a\n'],
  ])('has about 15 lines where there are only %s', (_, lines) => {
    const content = lines.repeat(3_000);
    const segments = segmentsOf(content);
    expect(segments.join('')).toBe(content);
    for (const segment of segments) expect(linesOf(segment).length).toBeLessThanOrEqual(16);
  });

  it('ends after a blank line when it has many lines', () => {
    const content = `${'- some words\n'.repeat(13)}\n${'- other words\n'.repeat(13)}`;
    expect(segmentsOf(content)).toEqual([`${'- some words\n'.repeat(13)}\n`, '- other words\n'.repeat(13)]);
  });

  it('does not end at a line of code, however many there are', () => {
    const content = `Text.\n\n\`\`\`\n${'run\n\n'.repeat(400)}\`\`\`\n`;
    expect(segmentsOf(content)).toEqual([content]);
  });
});
