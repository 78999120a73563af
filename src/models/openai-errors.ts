import { type Classified, classifyCommon } from '../resilience/classify-common.ts';
import { CompletionError } from './completion-error.ts';

/** An endpoint's answer by status alone: its body may quote the prompt. */
export class HttpStatusError extends Error {
  override name = 'HttpStatusError';
  readonly status: number;
  readonly retryAfterMs: number | null;

  constructor(status: number, retryAfterMs: number | null) {
    super(`the endpoint answered with status ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Any endpoint that speaks OpenAI's protocol: https://platform.openai.com/docs/guides/error-codes */
export function classifyOpenAiError(error: unknown): Classified {
  if (error instanceof HttpStatusError) {
    const { status, retryAfterMs, message } = error;
    return { class: classOf(status), code: String(status), message, retryAfterMs };
  }
  if (error instanceof CompletionError) {
    const status = Number(error.code);
    const known = Number.isInteger(status) && status >= 400 && status < 600;
    const message = 'the endpoint told of a failure within its answer';
    return { class: known ? classOf(status) : 'transient', code: known ? String(status) : 'STREAM_ERROR', message };
  }
  // Whatever else is thrown came from the connection.
  return classifyCommon(error) ?? { class: 'transient', code: 'NETWORK', message: 'no connection, or a broken one' };
}

// Redirects are not followed: the key would go along.
function classOf(status: number): Classified['class'] {
  if (status === 429) return 'rate-limited';
  if (status >= 500 || status === 408 || status === 409 || status === 425) return 'transient';
  if (status < 400 || [401, 402, 403, 404, 405].includes(status)) return 'configuration';
  return 'permanent';
}
