/** A filter of the vendor's took the answer: this question gets none there, and others do. */
export class FilteredError extends Error {
  override name = 'FilteredError';
}
