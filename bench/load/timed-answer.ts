import * as z from 'zod';
import type { Connection } from '../../scripts/api-client.ts';
import { problemSchema } from '../../src/http/errors.ts';
import { degradationSchema } from '../../src/query/answer.ts';

const answerSchema = z.object({
  answer: z.string().nullable(),
  passages: z.array(z.object({ chunkId: z.string() })),
  servedBy: z.object({ retrieval: z.string(), generation: z.string().nullable() }),
  degraded: z.array(degradationSchema),
  cache: z.object({ response: z.string(), search: z.string(), embedding: z.string() }),
  timings: z.object({ retrievalMs: z.number() }),
});

const streamEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['sources', 'citation']) }),
  z.object({ type: z.literal('delta'), text: z.string() }),
  z.object({ type: z.literal('done'), answer: z.unknown() }),
  z.object({ type: z.literal('error'), problem: problemSchema }),
]);

export interface Answered {
  kind: 'answered';
  text: string;
  topChunkId: string | null;
  servedBy: { retrieval: string; generation: string | null };
  degraded: { step: string; reason: string }[];
  /** How each layer of the caches served it. */
  cache: { response: string; search: string; embedding: string };
  retrievalMs: number;
}

/** How a question ended for its asker. */
export type Reply =
  | Answered
  /** The stream told that the model ended in the middle of its text. */
  | { kind: 'interrupted' }
  | { kind: 'failed'; status: number; code: string | null; detail: string | null; retryAfterSeconds: number | null }
  /** The connection broke, or what came is no answer of Vigil's. */
  | { kind: 'broken'; message: string }
  /** No whole answer in the time its asker waits. */
  | { kind: 'hung' };

export interface TimedQuestion {
  namespace: string;
  body: {
    question: string;
    cache?: 'default' | 'no-store' | 'reload';
    generation?: 'auto' | 'none';
    topK?: number;
    stream?: boolean;
  };
  timeoutMs: number;
  /** Aborted from outside, the question rejects. */
  signal: AbortSignal;
}

/** Asks once and never tries again, as a load has to. */
export async function askOnce({ url, key }: Connection, asked: TimedQuestion): Promise<Reply> {
  const timeout = AbortSignal.timeout(asked.timeoutMs);
  try {
    const response = await fetch(`${url}/v1/namespaces/${asked.namespace}/answer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(asked.body),
      signal: AbortSignal.any([timeout, asked.signal]),
    });
    return readReply(response, await response.text());
  } catch (error) {
    asked.signal.throwIfAborted();
    return timeout.aborted ? { kind: 'hung' } : { kind: 'broken', message: String(error) };
  }
}

function readReply(response: Response, body: string): Reply {
  if (response.status !== 200) return readFailure(response, parseJson(body));
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  return isStream ? readStream(body) : readAnswer(parseJson(body));
}

function readFailure({ status, headers }: Response, json: unknown): Reply {
  const problem = problemSchema.safeParse(json);
  const retryAfter = headers.get('retry-after');
  return {
    kind: 'failed',
    status,
    code: problem.success ? problem.data.code : null,
    detail: problem.success ? problem.data.detail : null,
    retryAfterSeconds: retryAfter === null ? null : Number(retryAfter),
  };
}

/** All of a stream's text and its last event say the same, or it is broken. */
function readStream(body: string): Reply {
  const events = [...body.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => streamEventSchema.parse(parseJson(data)));
  const last = events.at(-1);
  if (last?.type === 'error') {
    const { status, code, detail } = last.problem;
    if (code === 'GENERATION_INTERRUPTED') return { kind: 'interrupted' };
    return { kind: 'failed', status, code, detail, retryAfterSeconds: null };
  }
  if (last?.type !== 'done') return { kind: 'broken', message: 'the stream has no last event' };
  const reply = readAnswer(last.answer);
  const told = events.flatMap((event) => (event.type === 'delta' ? [event.text] : [])).join('');
  const isTold = reply.kind !== 'answered' || reply.text === told;
  return isTold ? reply : { kind: 'broken', message: 'the text told is not that of the answer' };
}

function readAnswer(json: unknown): Reply {
  const answer = answerSchema.safeParse(json);
  if (!answer.success) return { kind: 'broken', message: z.prettifyError(answer.error) };
  const { passages, servedBy, degraded, cache, timings, answer: text } = answer.data;
  const { retrievalMs } = timings;
  const topChunkId = passages[0]?.chunkId ?? null;
  return { kind: 'answered', text: text ?? '', topChunkId, servedBy, degraded, cache, retrievalMs };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
