import type { Connection } from '../../scripts/api-client.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { type AnswerEvent, answerEventSchema } from '../../src/http/answer-events.ts';

export interface TimedEvent {
  event: AnswerEvent;
  /** When the last byte of it came, since the question was sent. */
  atMs: number;
}

export interface StreamedQuestion {
  namespace: string;
  body: { question: string; cache?: 'default' | 'no-store' };
  headers?: Record<string, string>;
  /** Aborted, the client leaves. */
  signal: AbortSignal;
}

/** Asks for a stream and reads it as it comes; `onFirstByte` hears when it begins. */
export async function* readStreamedAnswer(
  { url, key }: Connection,
  { namespace, body, headers = {}, signal }: StreamedQuestion,
  onFirstByte: (atMs: number) => void = () => {},
): AsyncGenerator<TimedEvent> {
  const sentAt = performance.now();
  const response = await fetch(`${url}/v1/namespaces/${namespace}/answer`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...body, stream: true }),
    signal,
  });
  if (response.status !== 200 || response.body === null) {
    throw new CommandFailure(`a stream was answered with ${response.status}: ${await response.text()}`);
  }
  let text = '';
  let hasBegun = false;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const atMs = performance.now() - sentAt;
    if (!hasBegun) onFirstByte(atMs);
    hasBegun = true;
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      // What has no data is a comment.
      if (data !== undefined) yield { event: answerEventSchema.parse(JSON.parse(data)), atMs };
    }
  }
}
