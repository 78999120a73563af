import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { answerSchema } from '../../query/answer.ts';
import { answerQuestion } from '../../query/answer-question.ts';
import { createSilentListener } from '../../query/silent-listener.ts';
import { answerEventSchema, EXAMPLE_STREAM } from '../answer-events.ts';
import { answerBody, readAsk } from '../ask-body.ts';
import type { HttpEnv } from '../http-env.ts';
import { namespaceParams } from '../route-params.ts';
import { problemResponses, QUESTION_PROBLEMS, response } from '../route-responses.ts';
import { streamAnswer } from '../stream-answer.ts';
import { acceptAnswer } from '../unanswered.ts';

const ANSWER = response(
  'An answer, or a refusal when the documents do not say; `degraded` lists what had to be done without. With `stream: true`, as events.',
  'application/json',
  answerSchema,
);

const SCHEMA = {
  operationId: 'answer',
  tags: ['Questions'],
  summary: 'Answer a question, with citations',
  request: {
    params: namespaceParams,
    body: { required: true, content: { 'application/json': { schema: answerBody } } },
  },
  responses: {
    200: {
      ...ANSWER,
      content: { ...ANSWER.content, 'text/event-stream': { schema: answerEventSchema, example: EXAMPLE_STREAM } },
    },
    ...problemResponses(...QUESTION_PROBLEMS),
  },
};

/** Answers a question from the namespace's documents. */
export class PostAnswer extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { ask, isStream } = await readAsk(c, answerBody);
    if (isStream) return streamAnswer(c, ask);
    const listener = createSilentListener(c.req.raw.signal);
    const answered = await answerQuestion(c.var.services.query, ask, c.var.requestId, listener);
    const answer = await acceptAnswer(c, ask, answered);
    c.set('isRoutine', answer.cache.response === 'hit' && answer.degraded.length === 0);
    return c.json(answer, 200, { 'cache-control': 'private, no-store' });
  }
}
