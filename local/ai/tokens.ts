/**
 * Text cut into pieces about as long as a model's tokens (1.3 to 1.4 an English word). Joined again they are the text,
 * so the same pieces serve as the stream, the limit and the bill.
 */
export function tokensOf(text: string): string[] {
  return text.match(/\s*(?:[\p{L}\p{M}\p{N}_]{1,5}|\S)|\s+$/gu) ?? [];
}

export function countTokens(text: string): number {
  return tokensOf(text).length;
}
