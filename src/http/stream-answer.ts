import type { Context } from 'hono';
import type { Answer } from '../query/answer.ts';
import { answerQuestion } from '../query/answer-question.ts';
import type { Ask } from '../query/ask.ts';
import type { QueryFailure } from '../query/query-failure.ts';
import type { Result } from '../result.ts';
import { type AnswerEvent, formatEvent } from './answer-events.ts';
import { type AnswerTeller, createAnswerTeller } from './answer-teller.ts';
import { asProblem, viewProblem } from './errors.ts';
import { createEventChannel, type EventChannel } from './event-channel.ts';
import type { HttpEnv } from './http-env.ts';
import { replayAnswer, type ToldEvents } from './replay-answer.ts';
import { acceptAnswer } from './unanswered.ts';

type Answered = Result<Answer, QueryFailure>;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'private, no-store, no-transform',
  // Some proxies gather a response before they pass it on, unless they are told.
  'x-accel-buffering': 'no',
};

/**
 * The answer as server-sent events, told while it is made. Whatever fails before the first of them is a problem with its
 * own status, as it is without a stream; later, it is the last event.
 */
export async function streamAnswer(c: Context<HttpEnv>, ask: Ask): Promise<Response> {
  const { services, requestId } = c.var;
  const channel = createEventChannel({ signal: c.req.raw.signal, startTimer: services.startTimer });
  const teller = createAnswerTeller(channel);
  const answering = answerQuestion(services.query, ask, requestId, teller.listener);
  const whole = await firstOf(channel, answering);
  if (whole === null || channel.isOpen) {
    // The platform ends what a request has begun when its client leaves, and others may wait for this.
    services.query.defer('answer.stream', tellToEnd(c, ask, answering, channel, teller));
    return new Response(channel.body, { headers: HEADERS });
  }
  channel.close();
  const events = await endingOf(c, ask, whole, { told: 'nothing' });
  if (whole.ok) c.set('isRoutine', whole.value.cache.response === 'hit' && whole.value.degraded.length === 0);
  return new Response(events.map(formatEvent).join(''), { headers: HEADERS });
}

/** `null` when there is something to send before the answer is whole. */
async function firstOf(channel: EventChannel, answering: Promise<Answered>): Promise<Answered | null> {
  try {
    return await Promise.race([answering, channel.opened.then(() => null)]);
  } catch (defect) {
    channel.close();
    throw defect;
  }
}

async function tellToEnd(
  c: Context<HttpEnv>,
  ask: Ask,
  answering: Promise<Answered>,
  channel: EventChannel,
  { told }: AnswerTeller,
): Promise<void> {
  try {
    const events = await endingOf(c, ask, await answering, told());
    for (const event of events) await channel.write(formatEvent(event));
  } catch (error) {
    const problem = asProblem(error, c.var.requestId);
    if (!channel.signal.aborted) {
      c.var.services.telemetry.emit({ event: 'stream.failed', requestId: c.var.requestId, code: problem.code });
    }
    await channel.write(formatEvent({ type: 'error', problem: viewProblem(c, problem) }));
  } finally {
    channel.close();
  }
}

async function endingOf(c: Context<HttpEnv>, ask: Ask, answered: Answered, told: ToldEvents): Promise<AnswerEvent[]> {
  return replayAnswer(await acceptAnswer(c, ask, answered), told);
}
