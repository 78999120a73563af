import { partsOf } from './markdown-parts.ts';

export interface Sentence {
  /** Exactly the text's slice from `start` to `end`. */
  text: string;
  start: number;
  end: number;
  /** False for code, comments, headings and table rows, which say little by themselves. */
  isProse: boolean;
  /** A comment: no reader of the document sees it, and none may see it here. */
  isHidden: boolean;
}

// A blank line, the end of a heading, or a line that begins something of its own: list item, heading, quotation, row.
const BLOCK_BREAK =
  /\n[^\S\n]*\n|(?<=^[^\S\n]*#{1,6}\s[^\n]*)\n|\n(?=[^\S\n]*(?:[-*+•]\s|\d{1,3}[.)]\s|#{1,6}\s|>|\|))/gm;
// "e.g. this" goes on: only what does not continue in lower case ends a sentence.
const SENTENCE_END = /[.!?…]+["'”’)\]*_]*(?=\s+[^\s\p{Ll}])|[。！？]+[」』”’）]*/gu;
const LEADING_MARKUP = /^(?:\s|[-*+•]\s|\d{1,3}[.)]\s|#{1,6}\s|>)+/;

/** The sentences of a Markdown text, verbatim and with their places. A block of code is one piece, and so is a comment. */
export function splitSentences(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let from = 0;
  for (const { kind, start, end } of partsOf(text)) {
    if (kind !== 'fence' && kind !== 'comment') continue;
    addProse(sentences, text, from, start);
    addTrimmed(sentences, text, start, end, kind);
    from = end;
  }
  addProse(sentences, text, from, text.length);
  return sentences;
}

function addProse(sentences: Sentence[], text: string, from: number, to: number): void {
  let start = from;
  for (const end of boundaries(text.slice(from, to))) {
    addTrimmed(sentences, text, start, from + end, 'prose');
    start = from + end;
  }
  addTrimmed(sentences, text, start, to, 'prose');
}

function boundaries(prose: string): number[] {
  const ends = [BLOCK_BREAK, SENTENCE_END].flatMap((pattern) =>
    [...prose.matchAll(pattern)].map((match) => match.index + match[0].length),
  );
  return ends.sort((a, b) => a - b);
}

function addTrimmed(
  sentences: Sentence[],
  text: string,
  ...[from, to, kind]: [from: number, to: number, kind: 'prose' | 'fence' | 'comment']
): void {
  const raw = text.slice(from, to);
  const lead = (kind === 'prose' ? LEADING_MARKUP : /^\s*/).exec(raw)?.[0] ?? '';
  const start = from + lead.length;
  const end = from + raw.trimEnd().length;
  if (end <= start) return;
  const isProse = kind === 'prose' && !lead.includes('#') && text[start] !== '|';
  sentences.push({ text: text.slice(start, end), start, end, isProse, isHidden: kind === 'comment' });
}
