import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { readinessSchema, viewReadiness } from '../dependency-view.ts';
import type { HttpEnv } from '../http-env.ts';
import { OPEN_PROBLEMS, problemResponses, RETRY_AFTER, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'getReadiness',
  tags: ['Operation'],
  summary: 'Ask whether questions can be answered',
  description: 'Without a key only `status`. With one, each dependency as the isolate that answers sees it.',
  security: [{}, { bearer: [] }],
  responses: {
    200: response('At least one way to search is usable.', 'application/json', readinessSchema),
    ...problemResponses(...OPEN_PROBLEMS, 'UNAUTHENTICATED'),
    503: response(
      'None is, or the configuration is invalid (then a problem object with `CONFIG_INVALID`).',
      'application/json',
      readinessSchema,
      RETRY_AFTER,
    ),
  },
};

/** Whether this isolate could answer a question now; why, only for those with a key. Calls no dependency. */
export class GetReadiness extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { dependencies } = c.var.services;
    await dependencies.refresh();
    const view = viewReadiness(dependencies, c.req.header('authorization') !== undefined);
    if (view.status === 'ready') return c.json(view, 200, { 'cache-control': 'no-store' });
    // An open breaker lets a probe through after 5 s at the latest.
    return c.json(view, 503, { 'cache-control': 'no-store', 'retry-after': '5' });
  }
}
