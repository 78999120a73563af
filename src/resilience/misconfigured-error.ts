/** The vendor answered well, and its answer shows that this deployment and what it asks do not fit together. */
export class MisconfiguredError extends Error {
  override name = 'MisconfiguredError';
  readonly code: string;

  /** The message has to be safe to log. */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
