import { BadAnswerError } from './bad-answer.ts';
import { FilteredError } from './filtered-error.ts';
import { InterruptedError } from './interrupted-error.ts';
import { MisconfiguredError } from './misconfigured-error.ts';
import type { UpstreamError } from './upstream-error.ts';

export type Classified = Pick<UpstreamError, 'class' | 'code' | 'message'> & { retryAfterMs?: number | null };

const MAX_MESSAGE_LENGTH = 200;

/**
 * Failures that look the same whatever the vendor: an answer nobody can read or that does not fit this deployment, a
 * call that was cut off, a connection that never was. `null` when the vendor itself said something.
 */
export function classifyCommon(error: unknown): Classified | null {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (error instanceof BadAnswerError) return { class: 'transient', code: 'BAD_ANSWER', message: error.message };
  if (error instanceof InterruptedError) return { class: 'transient', code: 'INTERRUPTED', message: error.message };
  if (error instanceof FilteredError) return { class: 'permanent', code: 'CONTENT_FILTER', message: error.message };
  if (error instanceof MisconfiguredError) return { class: 'configuration', code: error.code, message: error.message };
  // What the JSON parsers and the Upstash client throw; their own messages quote the body, which may be user text.
  if (name === 'SyntaxError' || name === 'UpstashJSONParseError') {
    return { class: 'transient', code: 'BAD_ANSWER', message: 'the answer is not JSON' };
  }
  if (name === 'AbortError' || name === 'TimeoutError') {
    return { class: 'transient', code: 'TIMEOUT', message: 'the call was cut off' };
  }
  // workerd throws a plain `Error` for a lost connection, Node a `TypeError`.
  if (name === 'TypeError' || /network connection lost|fetch failed/i.test(messageOf(error))) {
    return { class: 'transient', code: 'NETWORK', message: 'no connection, or a broken one' };
  }
  return null;
}

/** What the vendor said, short enough for a log line. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(0, MAX_MESSAGE_LENGTH);
}
