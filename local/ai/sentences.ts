/** Something an answer could quote; a `listing` is a line of code or a table's row. */
export interface Sentence {
  text: string;
  kind: 'prose' | 'listing' | 'heading';
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
const INLINE_CODE = /(`+)[^`]+\1(?!`)/g;

/** The sentences of a Markdown passage, without its inline markup; each list item stands alone. */
export function sentencesOf(markdown: string): Sentence[] {
  const sentences: Sentence[] = [];
  let paragraph: string[] = [];
  let fence: string | null = null;

  function endParagraph(): void {
    const text = plainText(paragraph.join(' '));
    paragraph = [];
    // No sentence ends within code: half of a span would hide the numbers after it.
    const masked = text.replace(INLINE_CODE, (code) => 'x'.repeat(code.length));
    for (const { segment, index } of segmenter.segment(masked)) add(text.slice(index, index + segment.length), 'prose');
  }
  function add(text: string, kind: Sentence['kind']): void {
    const trimmed = text.trim();
    if (/[\p{L}\p{N}]/u.test(trimmed)) sentences.push({ text: trimmed, kind });
  }

  for (const raw of markdown.split(/\r?\n/)) {
    const line = raw.replace(/^\s*(?:>\s?)*/, '').trimEnd();
    const fenceMark = /^(?:`{3,}|~{3,})/.exec(line)?.[0] ?? null;
    if (fence !== null) {
      if (fenceMark?.startsWith(fence)) fence = null;
      else add(line, 'listing');
    } else if (fenceMark !== null) {
      endParagraph();
      fence = fenceMark;
    } else if (/^(?:#{1,6}\s|\||:::|<!--)/.test(line)) {
      endParagraph();
      add(plainText(line.replace(/^(?:#{1,6}\s+|:::\s*\w*)/, '')), line.startsWith('|') ? 'listing' : 'heading');
    } else if (/^(?:[-*+]|\d+[.)])\s+/.test(line)) {
      endParagraph();
      paragraph.push(line.replace(/^\S+\s+/, ''));
    } else if (/^(?:[-=*_]\s*){2,}$/.test(line) || line === '') {
      endParagraph();
    } else {
      paragraph.push(line);
    }
  }
  endParagraph();
  return sentences;
}

/** Also drops footnote numbers: in an answer they would pass for citations. */
function plainText(markdown: string): string {
  return markdown
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/\[\d+\]/g, '')
    .replace(/\*\*|__/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
