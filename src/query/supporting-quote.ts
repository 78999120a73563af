import type { Citation, Passage } from './answer.ts';
import { type Sentence, splitSentences } from './sentences.ts';
import { contentWords } from './words.ts';

/** What claims can be backed with: sentences of one passage, in its order. */
export type Quotable = readonly { citation: Citation; words: ReadonlySet<string> }[];

// A claim is a sentence; what stands further back is another one.
const CLAIM_CHARACTERS = 1_500;

export function quotable(passage: Passage): Quotable {
  const visible = splitSentences(passage.text).filter(({ isHidden }) => !isHidden);
  return asQuotable(visible.map((sentence) => cite(passage, sentence)));
}

export function asQuotable(citations: readonly Citation[]): Quotable {
  return citations.map((citation) => ({ citation, words: new Set(contentWords(citation.quote)) }));
}

/**
 * The sentence that says most of what the last one of a text says, or else of what the one before says: "According to [1]"
 * says nothing yet. When no word is shared, the first sentence; `null` when there is none at all.
 */
export function supportingQuote(sentences: Quotable, written: string): Citation | null {
  const said = splitSentences(written.slice(-CLAIM_CHARACTERS)).map(({ text }) => text);
  for (const claim of said.slice(-2).reverse()) {
    const wanted = new Set(contentWords(claim));
    let best: { citation: Citation; similarity: number } | null = null;
    for (const { citation, words } of sentences) {
      const similarity = diceOf(words, wanted);
      if (similarity > (best?.similarity ?? 0)) best = { citation, similarity };
    }
    if (best !== null) return best.citation;
  }
  return sentences[0]?.citation ?? null;
}

/** A citation of one sentence of a passage, at its place in the document. */
export function cite(passage: Passage, sentence: Sentence): Citation {
  const { n, chunkId, documentId, title, url } = passage;
  const start = passage.start + sentence.start;
  return { n, chunkId, documentId, title, url, quote: sentence.text, start, end: start + sentence.text.length };
}

/** Dice's coefficient: neither long nor short sentences win by length. */
function diceOf(words: ReadonlySet<string>, wanted: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of words) if (wanted.has(word)) shared += 1;
  return (2 * shared) / (words.size + wanted.size || 1);
}
