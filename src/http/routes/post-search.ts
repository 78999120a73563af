import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { searchResultSchema } from '../../query/answer.ts';
import { searchPassages } from '../../query/search-passages.ts';
import { createSilentListener } from '../../query/silent-listener.ts';
import { readAsk, searchBody } from '../ask-body.ts';
import type { HttpEnv } from '../http-env.ts';
import { namespaceParams } from '../route-params.ts';
import { problemResponses, QUESTION_PROBLEMS, response } from '../route-responses.ts';
import { refuseUnknownNamespace, unanswered } from '../unanswered.ts';

const SCHEMA = {
  operationId: 'search',
  tags: ['Questions'],
  summary: 'Find the passages that fit a question',
  request: {
    params: namespaceParams,
    body: { required: true, content: { 'application/json': { schema: searchBody } } },
  },
  responses: {
    200: response(
      'Passages, best first; `degraded` lists what had to be done without.',
      'application/json',
      searchResultSchema,
    ),
    ...problemResponses(...QUESTION_PROBLEMS),
  },
};

/** Finds the passages that fit a question best, without generating an answer. */
export class PostSearch extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { ask } = await readAsk(c, searchBody);
    const listener = createSilentListener(c.req.raw.signal);
    const found = await searchPassages(c.var.services.query, ask, c.var.requestId, listener);
    if (!found.ok) throw unanswered(found.error);
    await refuseUnknownNamespace(c, ask.namespace, found.value.passages.length);
    c.var.services.noteCacheUse(ask.namespace, found.value.cache);
    return c.json(found.value, 200, { 'cache-control': 'private, no-store' });
  }
}
