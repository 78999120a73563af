import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { OPEN_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'getLiveness',
  tags: ['Operation'],
  summary: 'Ask whether the Worker runs at all',
  security: [],
  responses: {
    200: response('It runs.', 'application/json', z.object({ status: z.literal('live') })),
    ...problemResponses(...OPEN_PROBLEMS),
  },
};

/** 200 as long as the Worker runs at all; says nothing of its dependencies or configuration. */
export class GetLiveness extends OpenAPIRoute {
  override schema = SCHEMA;

  override handle(c: Context) {
    return c.json({ status: 'live' }, 200, { 'cache-control': 'no-store' });
  }
}
