import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LocalResponse } from './http-service.ts';

/**
 * Sends all of it, at the client's pace; a streamed body is told to stop when the client leaves. `onEnd` is called before
 * the client can know that the answer is complete.
 */
export async function sendResponse(
  outgoing: ServerResponse,
  { status, headers, body }: LocalResponse,
  clientLeft: AbortSignal,
  onEnd: () => void = () => {},
): Promise<void> {
  if (clientLeft.aborted) {
    if (isStream(body)) await stop(body[Symbol.asyncIterator]());
    return;
  }
  if (!isStream(body)) {
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    onEnd();
    outgoing.end(body);
    return;
  }
  outgoing.writeHead(status, headers);
  // A client waits for the head of a stream before its first token.
  outgoing.flushHeaders();
  await pump(body[Symbol.asyncIterator](), outgoing, clientLeft, onEnd);
}

async function pump(
  chunks: AsyncIterator<Uint8Array>,
  outgoing: ServerResponse,
  clientLeft: AbortSignal,
  onEnd: () => void,
): Promise<void> {
  const left = new Promise<'left'>((resolve) => {
    clientLeft.addEventListener('abort', () => resolve('left'), { once: true });
  });
  while (true) {
    const next = await Promise.race([chunks.next(), left]);
    if (next === 'left') return stop(chunks);
    if (next.done) break;
    if (outgoing.write(next.value)) continue;
    const drained = await Promise.race([once(outgoing, 'drain', { signal: clientLeft }), left]).catch(() => 'left');
    if (drained === 'left') return stop(chunks);
  }
  onEnd();
  outgoing.end();
}

async function stop(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  await chunks.return?.();
}

function isStream(body: LocalResponse['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && Symbol.asyncIterator in body;
}
