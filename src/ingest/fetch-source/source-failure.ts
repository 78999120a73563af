import { type Classified, classifyCommon } from '../../resilience/classify-common.ts';
import { retryAfterOf } from '../../resilience/retry-after.ts';
import type { ClassifyError, UpstreamErrorClass } from '../../resilience/upstream-error.ts';

/** Why an address gave no document. The message is a sentence for the owner and never quotes what was read. */
export class SourceFailure extends Error {
  override name = 'SourceFailure';
  readonly kind: UpstreamErrorClass;
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor(kind: UpstreamErrorClass, code: string, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export const classifySourceError: ClassifyError = (error): Classified => {
  if (error instanceof SourceFailure) {
    const { kind, code, message, retryAfterMs } = error;
    return { class: kind, code, message, retryAfterMs };
  }
  // Whatever else is thrown came from the connection.
  return classifyCommon(error) ?? { class: 'transient', code: 'NETWORK', message: 'no connection, or a broken one' };
};

/** What an answer that is neither a document nor a redirect means for the next attempt. */
export function failureOfStatus(status: number, retryAfter: string | null, nowMs: number): SourceFailure {
  const message = `The address answers with status ${status}.`;
  const retryAfterMs = retryAfterOf(retryAfter, nowMs);
  if (status === 429 || (status === 503 && retryAfterMs !== null)) {
    return new SourceFailure('rate-limited', 'SOURCE_BUSY', message, retryAfterMs);
  }
  // 408 and 425 ask to be tried again.
  if (status >= 500 || status === 408 || status === 425) {
    return new SourceFailure('transient', 'SOURCE_UNAVAILABLE', message, retryAfterMs);
  }
  return new SourceFailure('permanent', 'SOURCE_NOT_FOUND', message);
}
