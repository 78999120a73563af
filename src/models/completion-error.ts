/** A failure that a model's service tells within an answer that began well. The message is the vendor's: not to be logged as it is. */
export class CompletionError extends Error {
  override name = 'CompletionError';
  readonly code: string | null;

  constructor(code: string | null, message: string) {
    super(code === null ? message : `${code}: ${message}`);
    this.code = code;
  }
}
