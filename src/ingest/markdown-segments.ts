import { createFenceTracker } from '../markdown/fences.ts';
import { textSlices } from './text-slices.ts';
import type { TextSpan } from './text-span.ts';

export interface Segment extends TextSpan {
  /** What is left of a long block of code, and a line too long to be parsed, are not Markdown. */
  kind: 'markdown' | 'code' | 'prose';
  /** True when it begins between two lines that may be of one block. */
  continuesBlock: boolean;
}

// A tree of Markdown takes over a hundred times the memory of its text (2 MB at once would not fit into a Worker), and
// the parser's time grows with the square of the items in a list. What fits into a chunk stays in one segment.
const LONG_SEGMENT = 2_000;
const LONGEST_SEGMENT = 5_000;
// Every line may be a block of its own, and 15 of them take an isolate that has never parsed some milliseconds. Blank lines
// and those of code cost little and do not count.
const LONG_SEGMENT_LINES = 12;
const LONGEST_SEGMENT_LINES = 15;

const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;

/**
 * Cuts a Markdown text into stretches that can be parsed one by one: before headings, and where a section is long
 * after a blank line or, at the worst, any line; a line that is too long, anywhere. Together they are the text from
 * `from` on.
 */
export function* markdownSegments(content: string, from: number): Generator<Segment> {
  const placeOf = createFenceTracker();
  let start = from;
  let lines = 0;
  let kind: Segment['kind'] = 'markdown';
  let continuesBlock = false;
  for (const wholeLine of linesOf(content, from)) {
    const { start: lineStart, end: lineEnd } = wholeLine;
    const line = content.slice(lineStart, Math.min(lineEnd, lineStart + LONGEST_SEGMENT));
    const place = placeOf(line);
    const isCode = place === 'inside' || place === 'closing';
    // With the list item that it is in, code may end without a closing fence.
    if (kind === 'code' && !isCode) {
      if (lineStart > start) yield { start, end: lineStart, kind, continuesBlock };
      start = lineStart;
      lines = 0;
      kind = 'markdown';
      continuesBlock = false;
    }
    if (lineEnd - lineStart > LONGEST_SEGMENT) {
      if (lineStart > start) yield { start, end: lineStart, kind, continuesBlock };
      const lineKind = isCode ? 'code' : 'prose';
      for (const slice of textSlices(content, wholeLine, LONG_SEGMENT)) {
        yield { ...slice, kind: lineKind, continuesBlock: slice.start > lineStart };
      }
      start = lineEnd;
      lines = 0;
      continuesBlock = false;
      kind = isCode ? 'code' : 'markdown';
      continue;
    }
    const length = lineStart - start;
    const isLong = length > LONG_SEGMENT || lines >= LONG_SEGMENT_LINES;
    const isTooLong = length > LONGEST_SEGMENT || lines >= LONGEST_SEGMENT_LINES;
    const isBlank = line.trim() === '';
    const counts = !isCode && !isBlank;
    const isHeading = place === 'outside' && HEADING.test(line);
    if (counts) lines += 1;
    let cut: number | null = null;
    let nextKind: Segment['kind'] = 'markdown';
    if (place === 'inside') {
      if (length > LONGEST_SEGMENT) {
        cut = lineStart;
        nextKind = 'code';
      }
    } else if (place === 'closing') {
      if (kind === 'code') cut = lineEnd;
    } else if (isHeading || isTooLong) cut = lineStart;
    else if (isLong && isBlank) cut = lineEnd;
    if (cut === null || cut <= start) continue;
    yield { start, end: cut, kind, continuesBlock };
    start = cut;
    lines = counts && cut === lineStart ? 1 : 0;
    kind = nextKind;
    continuesBlock = counts && cut === lineStart && !isHeading;
  }
  if (start < content.length) yield { start, end: content.length, kind, continuesBlock };
}

function* linesOf(content: string, from: number): Generator<TextSpan> {
  let start = from;
  while (start < content.length) {
    const newline = content.indexOf('\n', start);
    const end = newline === -1 ? content.length : newline + 1;
    yield { start, end };
    start = end;
  }
}
