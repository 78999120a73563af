import { type CodePlace, createCodeTracker } from './code-tracker.ts';

/** A slice of a Markdown text. A comment is what no reader sees. */
export interface MarkdownPart {
  kind: CodePlace | 'comment';
  start: number;
  end: number;
}

const COMMENT = '<!--';
const COMMENT_END = '-->';
const CODE = /[`~]/;
// A text that begins inside of a fence takes its end for a beginning: only one with words behind it is surely none.
const NAMED_FENCE = /^(?:`{3,}|~{3,})[ \t]*\S/;

/**
 * Prose, code and comments of a whole text, in order and without gaps. A comment in code is shown to readers and part of the
 * code, unless the fence it stands in may be none.
 */
export function partsOf(text: string): MarkdownPart[] {
  if (!CODE.test(text) && !text.includes(COMMENT)) return [{ kind: 'prose', start: 0, end: text.length }];
  const tracker = createCodeTracker((ticks) => closes(ticks));
  const closes = spanEnds(text, () => at);
  const parts: MarkdownPart[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.startsWith(COMMENT, at) && !isShown(tracker.peek())) {
      const end = text.indexOf(COMMENT_END, at + 2);
      add('comment', end === -1 ? text.length : end + COMMENT_END.length);
    } else add(tracker.step(text.charAt(at)), at + 1);
  }
  return parts;

  function isShown(place: CodePlace): boolean {
    const before = parts.at(-1);
    if (place !== 'fence' || before === undefined) return place === 'span';
    if (before.kind === 'span') openFence(before);
    return before.kind === 'fence' && isNamed(before);
  }

  function isNamed({ start, end }: MarkdownPart): boolean {
    return NAMED_FENCE.test(text.slice(start, end));
  }

  function add(kind: MarkdownPart['kind'], end: number): void {
    const last = parts.at(-1);
    if (kind === 'fence' && last?.kind === 'span') openFence(last);
    if (last?.kind === kind) last.end = end;
    else parts.push({ kind, start: at, end });
    at = end;
  }

  /** What opens a fence looks like a span until its line ends, and its tildes like prose. */
  function openFence(opened: MarkdownPart): void {
    const before = parts.at(-2);
    while (before?.kind === 'prose' && text[opened.start - 1] === '~') opened.start -= 1;
    if (before?.kind === 'prose') before.end = opened.start;
    opened.kind = 'fence';
  }
}

/** Whether the line goes on to a run of exactly so many backticks. Reads each line once. */
function spanEnds(text: string, at: () => number): (ticks: number) => boolean {
  let lineEnd = -1;
  let lastRuns = new Map<number, number>();
  return (ticks) => {
    if (at() > lineEnd) {
      const end = text.slice(at()).search(/[\n\r]/);
      lineEnd = end === -1 ? text.length : at() + end;
      lastRuns = new Map(
        [...text.slice(at(), lineEnd).matchAll(/`+/g)].map((run) => [run[0].length, at() + run.index]),
      );
    }
    return (lastRuns.get(ticks) ?? -1) >= at();
  };
}
