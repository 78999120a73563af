import type { Passage } from './answer.ts';
import type { CitationStream, CitedPiece } from './citation-stream.ts';
import { createCodeTracker } from './code-tracker.ts';
import { createLinkGuard } from './link-guard.ts';
import { type Quotable, quotable, supportingQuote } from './supporting-quote.ts';

// [1], and the other ways models write it. The closing bracket has to be of the same kind.
const BRACKETS: Readonly<Record<string, string>> = { '[': ']', '【': '】', '［': '］' };
const MARKER = /^ ?\^?\d{1,3} ?(?:[,;] ?\^?\d{1,3} ?)*$/;
const MARKER_BEGUN = /^ ?(?:\^?(?:\d{1,3} ?(?:[,;] ?\^?\d{1,3} ?)*(?:[,;] ?\^?)?)?)$/;
// Of a list that is too long to be held: what is complete in it.
const COMPLETE_NUMBERS = /^(?:[^,;]*[,;])+/;
const MOST_HELD_INSIDE = 6;
// After it, what follows a number that is taken out could make another one of it: `[[9]1]`.
const NUMBER_BEGUN = /[[【［][ ^\d,;]*$/;
const LOOK_BACK = 12;
const REMOVED = '…';

/**
 * Numbers of the given passages stay and are followed by a citation, the first time each sentence is cited; other numbers
 * go, with the space before them. Code keeps its brackets; addresses that no passage has go everywhere. The pieces do not
 * depend on how the text is cut up, but that text may come in several pieces. At most a bracket and six characters after
 * it are held, with the space before it; of a link, its address.
 */
export function createCitationStream(passages: readonly Passage[]): CitationStream {
  const known = new Map(passages.map((passage) => [passage.n, passage]));
  const quotables = new Map<number, Quotable>();
  const cited = new Set<string>();
  const guard = createLinkGuard(passages);
  const code = createCodeTracker();
  /** What was shown, without the numbers. */
  let written = '';
  let recent = '';
  let heldSpace = '';
  let bracket: { open: string; inside: string } | null = null;
  let pieces: CitedPiece[] = [];

  return {
    push(text) {
      read(text);
      return take();
    },
    end() {
      release();
      write(guard.end());
      return take();
    },
  };

  function take(): CitedPiece[] {
    const taken = pieces;
    pieces = [];
    return taken;
  }

  function read(text: string): void {
    for (const unit of text.split('')) {
      if (bracket !== null && readInside(bracket, unit)) continue;
      if (BRACKETS[unit] !== undefined && code.peek(heldSpace) === 'prose') bracket = { open: unit, inside: '' };
      else if (unit === ' ' || unit === '\t') {
        release();
        heldSpace = unit;
      } else {
        release();
        show(unit);
      }
    }
  }

  /** False when the unit does not belong to a marker: what was held has been shown then. */
  function readInside(held: { open: string; inside: string }, unit: string): boolean {
    if (unit === BRACKETS[held.open] && MARKER.test(held.inside)) {
      mark(held.inside);
      bracket = null;
      return true;
    }
    const inside = held.inside + unit;
    if (!MARKER_BEGUN.test(inside)) {
      release();
      return false;
    }
    const complete = inside.length > MOST_HELD_INSIDE ? (COMPLETE_NUMBERS.exec(inside)?.[0] ?? '') : '';
    mark(complete);
    bracket = { open: held.open, inside: inside.slice(complete.length) };
    return true;
  }

  function mark(list: string): void {
    if (list === '') return;
    const numbers = [...list.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    const quoted = numbers.flatMap((n) => {
      const sentences = quotableOf(n);
      return sentences.length === 0 ? [] : [{ n, sentences }];
    });
    for (const { n, sentences } of quoted) {
      const marker = `[${n}]`;
      write(pass(heldSpace + marker).slice(0, -marker.length), marker);
      heldSpace = '';
      quote(sentences);
    }
    heldSpace = '';
    if (quoted.length === 0 && NUMBER_BEGUN.test(recent)) show(REMOVED);
  }

  function quotableOf(n: number): Quotable {
    const passage = known.get(n);
    const sentences = quotables.get(n) ?? (passage === undefined ? [] : quotable(passage));
    quotables.set(n, sentences);
    return sentences;
  }

  function quote(sentences: Quotable): void {
    const citation = supportingQuote(sentences, written);
    const key = `${citation?.n}:${citation?.start}`;
    if (citation === null || cited.has(key)) return;
    cited.add(key);
    pieces.push({ kind: 'citation', citation });
  }

  function release(): void {
    const held = heldSpace + (bracket === null ? '' : bracket.open + bracket.inside);
    heldSpace = '';
    bracket = null;
    show(held);
  }

  function show(text: string): void {
    write(pass(text));
  }

  /** What the guard lets through of it, now. */
  function pass(text: string): string {
    for (const unit of text.split('')) code.step(unit);
    recent = (recent + text).slice(-LOOK_BACK);
    return guard.push(text);
  }

  function write(text: string, marker = ''): void {
    written += text;
    if (text + marker === '') return;
    const last = pieces.at(-1);
    if (last?.kind === 'text') last.text += text + marker;
    else pieces.push({ kind: 'text', text: text + marker });
  }
}
