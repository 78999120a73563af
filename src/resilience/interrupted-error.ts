/** An answer that broke off: what came before was good. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}
