import type { Admission } from './faults/fault.ts';
import { waitOnTimer } from './faults/wait.ts';
import type { LocalResponse } from './http-service.ts';

/** A few tokens: enough that the answer has begun, and less than any answer has. */
const PIECES_BEFORE = 5;
/** A reader that hears of the end of a connection forgets what it has not read yet. */
const CUT_AFTER_MS = 50;

/** What becomes of a streamed answer whose call has met a fault of streams; every other answer stays as it is. */
export function breakStream(
  response: LocalResponse,
  { kind }: Admission,
  clientLeft: AbortSignal,
  cut: () => void,
): LocalResponse {
  const { body } = response;
  if (typeof body === 'string' || body instanceof Uint8Array) return response;
  if (kind === 'interrupted')
    return { ...response, body: beginning(body, () => waitOnTimer(CUT_AFTER_MS, clientLeft).then(cut)) };
  if (kind === 'stalled') return { ...response, body: beginning(body, () => aborted(clientLeft)) };
  return response;
}

async function* beginning(body: AsyncIterable<Uint8Array>, then: () => Promise<void>): AsyncGenerator<Uint8Array> {
  let pieces = 0;
  for await (const piece of body) {
    yield piece;
    pieces += 1;
    if (pieces === PIECES_BEFORE) return then();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
