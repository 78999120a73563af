import type { Citation } from './answer.ts';
import type { CitedPiece } from './citation-stream.ts';
import { createCodeTracker } from './code-tracker.ts';
import { asQuotable, type Quotable, supportingQuote } from './supporting-quote.ts';

const NUMBER = /\[(\d{1,3})\]/g;

/**
 * A finished text with its citations where the stream had them in which it was written: each after the first number that
 * stands for it. Those whose numbers are not in the text come last.
 */
export function placeCitations(text: string, citations: readonly Citation[]): CitedPiece[] {
  const quotables = quotablesOf(citations);
  const waiting = new Set(citations);
  const pieces: CitedPiece[] = [];
  let written = '';
  let shownTo = 0;
  let readTo = 0;
  for (const [start, end, n] of numbersIn(text)) {
    written += text.slice(readTo, start);
    readTo = end;
    // Of the sentences that are cited somewhere the best is the best of all: no other passage text is needed.
    const citation = supportingQuote(quotables.get(n) ?? [], written);
    if (citation === null || !waiting.delete(citation)) continue;
    if (end > shownTo) pieces.push({ kind: 'text', text: text.slice(shownTo, end) });
    pieces.push({ kind: 'citation', citation });
    shownTo = end;
  }
  if (shownTo < text.length) pieces.push({ kind: 'text', text: text.slice(shownTo) });
  return [...pieces, ...[...waiting].map((citation) => ({ kind: 'citation' as const, citation }))];
}

function quotablesOf(citations: readonly Citation[]): Map<number, Quotable> {
  const ordered = [...citations].sort((a, b) => a.start - b.start);
  const numbers = new Set(citations.map(({ n }) => n));
  return new Map([...numbers].map((n) => [n, asQuotable(ordered.filter((citation) => citation.n === n))]));
}

/** Outside code, as `[start, end, n]`. */
function numbersIn(text: string): [number, number, number][] {
  const code = createCodeTracker();
  let at = 0;
  return [...text.matchAll(NUMBER)].flatMap((found): [number, number, number][] => {
    while (at < found.index) code.step(text.charAt(at++));
    if (code.peek() !== 'prose') return [];
    return [[found.index, found.index + found[0].length, Number(found[1])]];
  });
}
