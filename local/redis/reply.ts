/** The one status the REST API never base64-encodes; every other string is data, even a stored value `OK`. */
export interface Status {
  status: 'OK';
}

/** RESP2 shapes only: the official client cannot read doubles, booleans or maps. */
export type Reply = number | bigint | string | Uint8Array | Status | null | readonly Reply[];

export const OK: Status = { status: 'OK' };

/**
 * A command's own refusal, worded as Redis words it. Thrown by argument parsing and handlers and turned into a value in
 * one place, `RedisEngine`, which also undoes what the failing command had written.
 */
export class CommandError extends Error {
  override name = 'CommandError';
}

export function isStatus(reply: Reply): reply is Status {
  return typeof reply === 'object' && reply !== null && 'status' in reply;
}

/** Bytes of payload, which count against the request size limit as a request's own bytes do. */
export function replyBytes(reply: Reply): number {
  if (typeof reply === 'string') return Buffer.byteLength(reply);
  if (reply instanceof Uint8Array) return reply.byteLength;
  if (reply === null || typeof reply !== 'object' || isStatus(reply)) return 0;
  return reply.reduce<number>((total, item) => total + replyBytes(item), 0);
}
