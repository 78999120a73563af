/**
 * Sends the frames at the pace of a model. Nothing is made ahead of the reader, and nothing any more once the client
 * has left: at the vendor every further token would be billed.
 */
export async function* pacedStream(
  frames: Iterable<string>,
  options: { tokenDelayMs: number; signal: AbortSignal; onEnd: () => void },
): AsyncGenerator<Uint8Array> {
  const { tokenDelayMs, signal, onEnd } = options;
  const encoder = new TextEncoder();
  try {
    for (const frame of frames) {
      await pause(tokenDelayMs, signal);
      if (signal.aborted) return;
      yield encoder.encode(frame);
    }
  } finally {
    onEnd();
  }
}

/** Also with no delay it lets the event loop run, so that a client's leaving is heard between two frames. */
function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    if (delayMs === 0) {
      setImmediate(resolve);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
