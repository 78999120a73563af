export type AwaitedToken =
  | { kind: 'text'; text: string }
  | { kind: 'end' }
  | { kind: 'thrown'; error: unknown }
  | { kind: 'silent' }
  | { kind: 'stopped' };

/** The next text of a stream, for as long as one is patient; a read that is given up fails unheard. */
export async function awaitToken(
  reading: Promise<string | null>,
  patienceMs: number,
  stopped: AbortSignal,
): Promise<AwaitedToken> {
  const { promise: givenUp, resolve } = Promise.withResolvers<AwaitedToken>();
  const timer = setTimeout(() => resolve({ kind: 'silent' }), patienceMs);
  const stop = () => resolve({ kind: 'stopped' });
  stopped.addEventListener('abort', stop);
  const awaited = await Promise.race([settle(reading), givenUp]);
  clearTimeout(timer);
  stopped.removeEventListener('abort', stop);
  return awaited;
}

async function settle(reading: Promise<string | null>): Promise<AwaitedToken> {
  try {
    const text = await reading;
    return text === null ? { kind: 'end' } : { kind: 'text', text };
  } catch (error) {
    return { kind: 'thrown', error };
  }
}
