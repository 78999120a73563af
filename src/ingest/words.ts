const WORD = /[\p{L}\p{N}]/u;

/** False for text that is only markup, punctuation or white space: nothing anyone could search for. */
export function hasWords(text: string): boolean {
  return WORD.test(text);
}
