// FTS5 ranks every row that holds any of the words: more words cost more and say little.
const MAX_WORDS = 32;
const MAX_WORD_LENGTH = 64;

/**
 * The question as an FTS5 expression: its words, quoted, any of them. Only letters, digits and marks pass, so no text
 * can become an operator. `null` when there is no word to look for.
 */
export function lexicalQuery(question: string): string | null {
  const words =
    question
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
  const distinct = [...new Set(words.map((word) => [...word].slice(0, MAX_WORD_LENGTH).join('')))];
  if (distinct.length === 0) return null;
  return distinct
    .slice(0, MAX_WORDS)
    .map((word) => `"${word}"`)
    .join(' OR ');
}
