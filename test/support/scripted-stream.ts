const encoder = new TextEncoder();

/** A body that the test writes while it is read. */
export function aScriptedStream() {
  let cancelled = false;
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      cancelled = true;
    },
  });
  const send = (text: string) => controller?.enqueue(encoder.encode(text));
  return {
    body,
    /** A token, as the newer models send it. */
    say: (content: string) => send(frame({ choices: [{ delta: { content } }] })),
    finish: () => send(frame({ choices: [{ delta: {}, finish_reason: 'stop' }] })),
    count: (promptTokens: number, completionTokens: number) =>
      send(frame({ choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens } })),
    done: () => send('data: [DONE]\n\n'),
    close: () => controller?.close(),
    break: (error: Error) => controller?.error(error),
    isCancelled: () => cancelled,
  };
}

function frame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
