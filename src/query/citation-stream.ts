import type { Citation } from './answer.ts';

/** Of an answer as it is shown: text with known numbers only, and after each of them what it stands for. */
export type CitedPiece = { kind: 'text'; text: string } | { kind: 'citation'; citation: Citation };

/** Checks the numbers a model cites while it writes. */
export interface CitationStream {
  /** What can be shown now. An opening bracket is held until it closes, or cannot be a citation any more. */
  push(text: string): CitedPiece[];
  /** What was held. */
  end(): CitedPiece[];
}
