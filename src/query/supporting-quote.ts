import type { Citation, Passage } from './answer.ts';
import { type Sentence, splitSentences } from './sentences.ts';
import { contentWords } from './words.ts';

/** What a claim can be backed with: the sentences of one passage. */
export interface QuotedPassage {
  passage: Passage;
  sentences: { sentence: Sentence; words: ReadonlySet<string> }[];
}

export function quotable(passage: Passage): QuotedPassage {
  const sentences = splitSentences(passage.text).map((sentence) => ({
    sentence,
    words: new Set(contentWords(sentence.text)),
  }));
  return { passage, sentences };
}

/**
 * The sentence of a passage that says most of what one of the claims says; the first claim that any sentence shares a
 * word with decides. When none does, the passage's first sentence.
 */
export function supportingQuote({ passage, sentences }: QuotedPassage, claims: string[]): Citation {
  for (const claim of claims) {
    const wanted = new Set(contentWords(claim));
    let best: { sentence: Sentence; similarity: number } | null = null;
    for (const { sentence, words } of sentences) {
      const similarity = diceOf(words, wanted);
      if (similarity > (best?.similarity ?? 0)) best = { sentence, similarity };
    }
    if (best !== null) return cite(passage, best.sentence);
  }
  const [first] = sentences;
  return cite(passage, first?.sentence ?? { text: passage.text, start: 0, end: passage.text.length, isProse: true });
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
