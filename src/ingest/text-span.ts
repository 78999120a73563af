import { sizeOf } from './chunk-size.ts';

/** A stretch of the document, from `start` up to but not including `end` (UTF-16 offsets). */
export interface TextSpan {
  start: number;
  end: number;
}

/** A span that is not to be divided further. */
export interface SizedSpan extends TextSpan {
  size: number;
}

/** Cuts a span at the given offsets; together the pieces are the span. */
export function cutAt(span: TextSpan, offsets: Iterable<number>): TextSpan[] {
  const pieces: TextSpan[] = [];
  let start = span.start;
  for (const offset of offsets) {
    if (offset <= start || offset >= span.end) continue;
    pieces.push({ start, end: offset });
    start = offset;
  }
  pieces.push({ start, end: span.end });
  return pieces;
}

export function sized(content: string, span: TextSpan): SizedSpan {
  return { ...span, size: sizeOf(content.slice(span.start, span.end)) };
}
