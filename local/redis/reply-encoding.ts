import type { Result } from '../../src/result.ts';
import { isStatus, type Reply } from './reply.ts';

export type StringEncoding = 'plain' | 'base64';

/** One command's answer as the REST API writes it. Errors are never base64. */
export function encodeOutcome(outcome: Result<Reply, string>, encoding: StringEncoding): string {
  if (!outcome.ok) return encodeError(outcome.error);
  return `{"result":${encodeTop(outcome.value, encoding)}}`;
}

export function encodeError(message: string): string {
  return JSON.stringify({ error: message });
}

/** The client takes a bare `OK` for the status at the top level only and decodes every string inside arrays. */
function encodeTop(reply: Reply, encoding: StringEncoding): string {
  return isStatus(reply) ? '"OK"' : encodeNested(reply, encoding);
}

/** Written by hand because JSON.stringify refuses the bigints that 64-bit counters need. */
function encodeNested(reply: Reply, encoding: StringEncoding): string {
  if (reply === null) return 'null';
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply);
  if (typeof reply === 'string' || reply instanceof Uint8Array) return encodeString(reply, encoding);
  if (isStatus(reply)) return encodeString(reply.status, encoding);
  return `[${reply.map((item) => encodeNested(item, encoding)).join(',')}]`;
}

/** Without base64, bytes that are not UTF-8 arrive as U+FFFD, as documented. */
function encodeString(value: string | Uint8Array, encoding: StringEncoding): string {
  const bytes =
    typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.length);
  return encoding === 'base64' ? `"${bytes.toString('base64')}"` : JSON.stringify(bytes.toString('utf8'));
}
