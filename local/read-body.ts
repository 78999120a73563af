import type { IncomingMessage } from 'node:http';

export type ReadBody = { kind: 'read'; bytes: Uint8Array } | { kind: 'too-large' } | { kind: 'client-left' };

/** The whole body, as sent. One that is too large is read to its end, so that the client stays to hear of it. */
export async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming) {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
    }
  } catch {
    return { kind: 'client-left' };
  }
  return length > maxBytes ? { kind: 'too-large' } : { kind: 'read', bytes: Buffer.concat(chunks) };
}
