/** A document as the text that is searched. */
export interface ConvertedText {
  text: string;
  /** What the document calls itself; `null` when it does not say. */
  title: string | null;
}

/** A document that cannot become a text, whoever tries. The message is a sentence for its owner. */
export interface ConversionFailure {
  code: 'CONVERSION_FAILED' | 'CONVERSION_TOO_LARGE';
  message: string;
}

export function tooLarge(maxCharacters: number): ConversionFailure {
  const message = `Its text is longer than ${maxCharacters} characters (MAX_CONVERTED_CHARACTERS).`;
  return { code: 'CONVERSION_TOO_LARGE', message };
}
