import { cutAt, type SizedSpan, sized, type TextSpan } from './text-span.ts';

/** Where a way of dividing text would cut. */
type Cut = (content: string, span: TextSpan, maxSize: number) => Iterable<number>;

// From the cut that hurts least to the one that always succeeds.
const LINE_CUTS: Cut[] = [afterBlankLines, afterLines, afterWords, afterUnits];
const PROSE_CUTS: Cut[] = [afterBlankLines, afterSentences, afterWords, afterUnits];

const TABLE_DELIMITER_ROW = /^[\s|:>]*-[\s|:>-]*$/;
const TABLE_ROWS = /^(?:[\s>]*\|.*(?:\n|$))+$/;

// Knows where sentences end in languages without spaces, too.
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Code: divided between lines. */
export function splitCode(content: string, span: TextSpan, maxSize: number): SizedSpan[] {
  return split(content, span, maxSize, LINE_CUTS);
}

/** Prose: divided between sentences, or between rows when it is a table, which this Markdown parser calls a paragraph. */
export function splitProse(content: string, span: TextSpan, maxSize: number): SizedSpan[] {
  return split(content, span, maxSize, isTable(content, span) ? LINE_CUTS : PROSE_CUTS);
}

/** Where sentences and lines begin, in order; the first is where the span does. */
export function sentenceStarts(content: string, span: TextSpan): number[] {
  return [...new Set([...afterSentences(content, span), ...afterLines(content, span)])].sort((a, b) => a - b);
}

function split(content: string, span: TextSpan, maxSize: number, cuts: Cut[]): SizedSpan[] {
  const whole = sized(content, span);
  const [cut, ...finerCuts] = cuts;
  if (whole.size <= maxSize || cut === undefined) return [whole];
  const pieces = cutAt(span, cut(content, span, maxSize)).flatMap((piece) => split(content, piece, maxSize, finerCuts));
  return cut === afterWords ? joined(pieces, maxSize) : pieces;
}

/** Single words are no units of meaning: as many as fit make one piece. */
function joined(words: SizedSpan[], maxSize: number): SizedSpan[] {
  const pieces: SizedSpan[] = [];
  for (const word of words) {
    const last = pieces.at(-1);
    if (last === undefined || last.size + word.size > maxSize) pieces.push({ ...word });
    else {
      last.end = word.end;
      last.size += word.size;
    }
  }
  return pieces;
}

function isTable(content: string, span: TextSpan): boolean {
  const text = content.slice(span.start, span.end);
  const [header = '', delimiterRow = ''] = text.split('\n', 2);
  // What is left of a table that was cut has no header.
  return (header.includes('|') && TABLE_DELIMITER_ROW.test(delimiterRow)) || TABLE_ROWS.test(text.trim());
}

function afterBlankLines(content: string, span: TextSpan) {
  return afterMatches(content, span, /\n[ \t\r]*\n/g);
}

function afterLines(content: string, span: TextSpan) {
  return afterMatches(content, span, /\n/g);
}

function afterWords(content: string, span: TextSpan) {
  return afterMatches(content, span, /\s+/g);
}

function* afterMatches(content: string, span: TextSpan, pattern: RegExp) {
  for (const match of content.slice(span.start, span.end).matchAll(pattern)) {
    yield span.start + match.index + match[0].length;
  }
}

function* afterSentences(content: string, span: TextSpan) {
  for (const { index } of sentences.segment(content.slice(span.start, span.end))) yield span.start + index;
}

// No UTF-16 unit is more than one token, so a piece of `maxSize` units is small enough.
function* afterUnits(content: string, span: TextSpan, maxSize: number) {
  for (let at = span.start + maxSize; at < span.end; at += maxSize) {
    const unit = content.charCodeAt(at);
    const isInsidePair = unit >= 0xdc00 && unit <= 0xdfff;
    if (isInsidePair) at -= 1;
    yield at;
  }
}
