/** Where a character of a Markdown text stands. What a renderer makes of an unclosed span only the end of its line tells. */
export type CodePlace = 'prose' | 'span' | 'fence';

/** Follows a Markdown text, one UTF-16 unit after another, however it is cut up. */
export interface CodeTracker {
  /** The place of the next unit. Fences and backticks themselves belong to the code. */
  step(unit: string): CodePlace;
}

type State =
  | { kind: 'prose' }
  | { kind: 'span'; ticks: number }
  // The rest of a line that opened a fence; one with backticks in it has opened a span instead.
  | { kind: 'info'; mark: string; length: number }
  | { kind: 'fence'; mark: string; length: number };

interface Run {
  mark: string;
  length: number;
  /** Nothing but white space stands before it in its line. */
  leads: boolean;
}

const PROSE: State = { kind: 'prose' };
const SHORTEST_FENCE = 3;

export function createCodeTracker(): CodeTracker {
  let state: State = PROSE;
  let run: Run | null = null;
  let isLineStart = true;
  // A fence is closed by a line of nothing else.
  let closing: Run | null = null;

  return {
    step(unit) {
      if (run !== null && unit === run.mark) {
        run.length += 1;
        return placeOf(state, 'span');
      }
      if (run !== null) endRun(run);
      run = null;
      if (closing !== null && unit !== '\n' && unit.trim() !== '') closing = null;
      if (unit === '`' || (unit === '~' && isLineStart)) {
        run = { mark: unit, length: 1, leads: isLineStart };
        isLineStart = false;
        return placeOf(state, unit === '`' ? 'span' : 'prose');
      }
      const place = placeOf(state, 'prose');
      if (unit === '\n') endLine();
      else if (unit.trim() !== '') isLineStart = false;
      return place;
    },
  };

  function endRun({ mark, length, leads }: Run): void {
    switch (state.kind) {
      case 'prose':
        if (leads && length >= SHORTEST_FENCE) state = { kind: 'info', mark, length };
        else if (mark === '`') state = { kind: 'span', ticks: length };
        return;
      case 'span':
        if (mark === '`' && length === state.ticks) state = PROSE;
        return;
      case 'info':
        if (mark === '`' && state.mark === '`') state = length === state.length ? PROSE : spanOf(state.length);
        return;
      case 'fence':
        closing = leads && mark === state.mark && length >= state.length ? { mark, length, leads } : null;
    }
  }

  function endLine(): void {
    isLineStart = true;
    if (state.kind === 'info') state = { ...state, kind: 'fence' };
    // A span that is still open was none, or goes on: both are rare, and a whole answer must not hang on it.
    else if (state.kind === 'span' || closing !== null) state = PROSE;
    closing = null;
  }
}

function spanOf(ticks: number): State {
  return { kind: 'span', ticks };
}

function placeOf({ kind }: State, outside: CodePlace): CodePlace {
  if (kind === 'prose') return outside;
  return kind === 'fence' ? 'fence' : 'span';
}

/** The text with its prose changed and its code as it is. */
export function outsideCode(text: string, change: (prose: string) => string): string {
  const tracker = createCodeTracker();
  let changed = '';
  let from = 0;
  let isProse = true;
  for (let at = 0; at < text.length; at += 1) {
    const isProseHere = tracker.step(text.charAt(at)) === 'prose';
    if (isProseHere === isProse) continue;
    changed += isProse ? change(text.slice(from, at)) : text.slice(from, at);
    from = at;
    isProse = isProseHere;
  }
  return changed + (isProse ? change(text.slice(from)) : text.slice(from));
}
