import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { answerSchema } from '../../query/answer.ts';
import { answerQuestion } from '../../query/answer-question.ts';
import { answerBody, readAsk } from '../ask-body.ts';
import type { HttpEnv } from '../http-env.ts';
import { namespaceParams } from '../route-params.ts';
import { problemResponses, QUESTION_PROBLEMS, response } from '../route-responses.ts';
import { refuseUnknownNamespace, retrievalUnavailable } from '../unanswered.ts';

const SCHEMA = {
  operationId: 'answer',
  tags: ['Questions'],
  summary: 'Answer a question, with citations',
  request: {
    params: namespaceParams,
    body: { required: true, content: { 'application/json': { schema: answerBody } } },
  },
  responses: {
    200: response(
      'An answer, or a refusal when the documents do not say; `degraded` lists what had to be done without.',
      'application/json',
      answerSchema,
    ),
    ...problemResponses(...QUESTION_PROBLEMS),
  },
};

/** Answers a question from the namespace's documents. */
export class PostAnswer extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const ask = await readAsk(c, answerBody);
    const answered = await answerQuestion(c.var.services.query, ask, c.var.requestId);
    if (!answered.ok) throw retrievalUnavailable(answered.error);
    const { cache, degraded } = answered.value;
    await refuseUnknownNamespace(c, ask.namespace, answered.value.passages.length);
    c.var.services.noteCacheUse(ask.namespace, cache);
    c.set('isRoutine', cache.response === 'hit' && degraded.length === 0);
    return c.json(answered.value, 200, { 'cache-control': 'private, no-store' });
  }
}
