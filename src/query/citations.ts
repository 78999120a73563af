import type { Citation, Passage } from './answer.ts';
import { createCitationStream } from './create-citation-stream.ts';

export interface CitedText {
  text: string;
  citations: Citation[];
}

/** A whole text as a stream would show it, and the citations that would come with it, in order of appearance. */
export function citeAnswer(generated: string, passages: Passage[]): CitedText {
  const stream = createCitationStream(passages);
  const pieces = [...stream.push(generated), ...stream.end()];
  return {
    text: pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join(''),
    citations: pieces.flatMap((piece) => (piece.kind === 'citation' ? [piece.citation] : [])),
  };
}
