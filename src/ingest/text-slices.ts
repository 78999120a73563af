import type { TextSpan } from './text-span.ts';

// Where a cut hurts least, best first.
const BREAKS = ['\n\n', '\n', '. ', '。', ' '];

/** Cuts a stretch that no structure divides into slices of bounded length. Together they are the stretch. */
export function* textSlices(content: string, { start, end }: TextSpan, maxLength: number): Generator<TextSpan> {
  let at = start;
  while (end - at > maxLength) {
    const cut = lastBreak(content, at + Math.floor(maxLength / 2), at + maxLength);
    yield { start: at, end: cut };
    at = cut;
  }
  yield { start: at, end };
}

function lastBreak(content: string, from: number, to: number): number {
  const text = content.slice(from, to);
  for (const mark of BREAKS) {
    const at = text.lastIndexOf(mark);
    if (at !== -1) return from + at + mark.length;
  }
  const isInsidePair = (content.charCodeAt(to) & 0xfc00) === 0xdc00;
  return isInsidePair ? to - 1 : to;
}
