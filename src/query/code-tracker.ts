import { BEFORE_FENCE, DEEPEST_FENCE, itemsOfFence, MOST_BEFORE_FENCE, SHORTEST_FENCE } from '../markdown/fences.ts';
import { indentOf, itemsAfter } from '../markdown/list-items.ts';

/** Where a character of a Markdown text stands. What a renderer makes of an unclosed span only the end of its line tells. */
export type CodePlace = 'prose' | 'span' | 'fence';

/** Follows a Markdown text, one UTF-16 unit after another, however it is cut up. */
export interface CodeTracker {
  /** The place of the next unit. Fences and backticks themselves belong to the code. */
  step(unit: string): CodePlace;
  /** The place of the unit after this white space, when it begins no code. */
  peek(white?: string): CodePlace;
}

type State =
  | { kind: 'prose' }
  | { kind: 'span'; ticks: number }
  // The rest of a line that opened a fence; one with backticks in it has opened a span instead.
  | { kind: 'info'; mark: string; length: number; indent: number }
  | { kind: 'fence'; mark: string; length: number; indent: number };

interface Run {
  mark: string;
  length: number;
  /** What stands before it in its line. */
  lead: string;
}

const PROSE: State = { kind: 'prose' };
const BLANK = /^[ \t]*$/;

/**
 * Knows the fences of CommonMark, also those in list items. Where a fence may have ended without a line of its own, nothing
 * after it is taken for a fence any more: prose is the safe side. `closes` tells whether a span of so many backticks ends
 * in its line; without it, each one does.
 */
export function createCodeTracker(closes: (ticks: number) => boolean = () => true): CodeTracker {
  let state: State = PROSE;
  let run: Run | null = null;
  /** The beginning of the line. */
  let line = '';
  let isEscaped = false;
  let isClosed = false;
  let isLost = false;
  /** Where the text of each list item begins that the line may belong to. */
  let items: readonly number[] = [];

  return {
    step(unit) {
      if (run !== null && unit === run.mark) {
        run.length += 1;
        return note(unit, 'span');
      }
      settle();
      if (unit === '\n' || unit === '\r') return endLine();
      if (BLANK.test(unit)) {
        isEscaped = false;
        return note(unit, 'prose');
      }
      beginText(line);
      if (!isEscaped && (unit === '`' || (unit === '~' && BEFORE_FENCE.test(line)))) {
        run = { mark: unit, length: 1, lead: line };
        return note(unit, unit === '`' ? 'span' : 'prose');
      }
      isEscaped = unit === '\\' && !isEscaped && state.kind === 'prose';
      return note(unit, 'prose');
    },
    peek(white = '') {
      settle();
      beginText(line + white);
      return placeOf(state, 'prose');
    },
  };

  /** A line with less before it than its fence has is not in the fence's list item, if there is one. */
  function beginText(lead: string): void {
    if (state.kind === 'fence' && BLANK.test(lead) && indentOf(lead) < state.indent) lose();
    isClosed = false;
  }

  function note(unit: string, outside: CodePlace): CodePlace {
    if (line.length < MOST_BEFORE_FENCE) line += unit;
    return placeOf(state, outside);
  }

  function settle(): void {
    if (run !== null) endRun(run);
    run = null;
  }

  function endRun({ mark, length, lead }: Run): void {
    switch (state.kind) {
      case 'prose':
        if (length >= SHORTEST_FENCE && opensFence(lead))
          state = { kind: 'info', mark, length, indent: indentOf(lead) };
        else if (mark === '`') state = spanOf(length);
        return;
      case 'span':
        if (mark === '`' && length === state.ticks) state = PROSE;
        return;
      case 'info':
        if (mark === '`' && state.mark === '`') state = length === state.length ? PROSE : spanOf(state.length);
        return;
      case 'fence':
        if (BLANK.test(lead) && mark === state.mark && length >= state.length) endFence(indentOf(lead), state.indent);
    }
  }

  function opensFence(lead: string): boolean {
    return !isLost && itemsOfFence(lead, items) !== null;
  }

  /** As deep as the line that opened it, it ends; deeper, that depends on the item it is in. */
  function endFence(indent: number, opened: number): void {
    if (indent === opened || indent <= DEEPEST_FENCE) isClosed = true;
    else if (indent <= opened + DEEPEST_FENCE) lose();
  }

  function lose(): void {
    state = PROSE;
    isLost = true;
  }

  function endLine(): CodePlace {
    const place = placeOf(state, 'prose');
    if (state.kind !== 'fence') items = itemsAfter(line, items);
    if (state.kind === 'info') state = { ...state, kind: 'fence' };
    // A span that is still open was none, or goes on: both are rare, and a whole answer must not hang on it.
    else if (state.kind === 'span' || isClosed) state = PROSE;
    isClosed = false;
    isEscaped = false;
    line = '';
    return place;
  }

  function spanOf(ticks: number): State {
    return closes(ticks) ? { kind: 'span', ticks } : PROSE;
  }
}

function placeOf({ kind }: State, outside: CodePlace): CodePlace {
  if (kind === 'prose') return outside;
  return kind === 'fence' ? 'fence' : 'span';
}
