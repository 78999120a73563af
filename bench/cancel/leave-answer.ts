import { CLIENT_HEADER } from '../../local/bindings/departing-clients.ts';
import type { Connection } from '../../scripts/api-client.ts';
import { request } from '../stack/requests.ts';
import { readStreamedAnswer } from '../stack/streamed-answer.ts';

/** How the answer is asked for. */
export type Form = 'stream' | 'whole';

export interface LeavingClient {
  /** What it calls itself to the local cloud. */
  id: string;
  namespace: string;
  question: string;
  form: Form;
}

/** What had come by then. */
export interface Left {
  /** Kinds of events; `done` also for an answer that was not streamed. */
  seen: string[];
  text: string;
}

/** Asks, and leaves when it is told to; later, nothing more happens. */
export async function askAndLeave(
  stack: Connection,
  { id, namespace, question, form }: LeavingClient,
  leaving: AbortSignal,
): Promise<Left> {
  const left: Left = { seen: [], text: '' };
  const headers = { [CLIENT_HEADER]: id };
  const asked = { body: { question }, headers, signal: leaving };
  try {
    if (form === 'whole') {
      const { status } = await request(stack, 'POST', `${namespace}/answer`, asked);
      if (status === 200) left.seen.push('done');
      return left;
    }
    for await (const { event } of readStreamedAnswer(stack, { namespace, ...asked })) {
      left.seen.push(event.type);
      if (event.type === 'delta') left.text += event.text;
    }
  } catch (error) {
    if (!leaving.aborted) throw error;
  }
  return left;
}
