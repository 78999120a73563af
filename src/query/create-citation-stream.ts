import type { Passage } from './answer.ts';
import type { CitationStream, CitedPiece } from './citation-stream.ts';
import { createCodeTracker } from './code-tracker.ts';
import { createLinkGuard } from './link-guard.ts';
import { splitSentences } from './sentences.ts';
import { type QuotedPassage, quotable, supportingQuote } from './supporting-quote.ts';

// [1], and the other ways models write it. The closing bracket has to be of the same kind.
const BRACKETS: Readonly<Record<string, string>> = { '[': ']', '【': '】', '［': '］' };
const MARKER = /^ ?\^?\d{1,3} ?(?:[,;] ?\^?\d{1,3} ?)*$/;
const MARKER_BEGUN = /^ ?(?:\^?(?:\d{1,3} ?(?:[,;] ?\^?\d{1,3} ?)*(?:[,;] ?\^?)?)?)$/;
// Of a list that is too long to be held: what is complete in it.
const COMPLETE_NUMBERS = /^(?:[^,;]*[,;])+/;
const MOST_HELD_INSIDE = 6;
// A claim is a sentence; what stands further back is another one.
const CLAIM_CHARACTERS = 1_500;

/**
 * Numbers of the given passages stay and are followed by a citation, the first time each sentence is cited; other numbers
 * go, with the space before them. Code stays as it is; links that no passage has lose their address. The pieces do not
 * depend on how the text is cut up, but that text may come in several pieces. At most a bracket and six characters after
 * it are held, with the space before it; of a link, its address.
 */
export function createCitationStream(passages: readonly Passage[]): CitationStream {
  const known = new Map(passages.map((passage) => [passage.n, passage]));
  const quoted = new Map<number, QuotedPassage>();
  const cited = new Set<string>();
  const guard = createLinkGuard(passages);
  const code = createCodeTracker();
  /** What was shown, without the numbers. */
  let written = '';
  let heldSpace = '';
  let bracket: { open: string; inside: string } | null = null;
  let pieces: CitedPiece[] = [];

  return {
    push(text) {
      read(guard.push(text));
      return take();
    },
    end() {
      read(guard.end());
      release();
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
      const place = code.step(unit);
      if (bracket !== null && readInside(bracket, unit)) continue;
      if (place === 'prose' && BRACKETS[unit] !== undefined) bracket = { open: unit, inside: '' };
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
    for (const [digits] of list.matchAll(/\d+/g)) {
      const passage = known.get(Number(digits));
      if (passage === undefined) continue;
      const text = `${heldSpace}[${passage.n}]`;
      heldSpace = '';
      pieces.push({ kind: 'text', text });
      quote(passage);
    }
    if (list !== '') heldSpace = '';
  }

  function quote(passage: Passage): void {
    const passageSentences = quoted.get(passage.n) ?? quotable(passage);
    quoted.set(passage.n, passageSentences);
    const [before = '', claim = ''] = ['', ...splitSentences(written).map(({ text }) => text)].slice(-2);
    // "According to [1]" says nothing yet: the sentence before may.
    const citation = supportingQuote(passageSentences, [claim, before]);
    const key = `${citation.n}:${citation.start}`;
    if (cited.has(key)) return;
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
    if (text === '') return;
    written = (written + text).slice(-CLAIM_CHARACTERS);
    const last = pieces.at(-1);
    if (last?.kind === 'text') last.text += text;
    else pieces.push({ kind: 'text', text });
  }
}
