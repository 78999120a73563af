import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import type { HttpEnv } from '../http-env.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'getMetrics',
  tags: ['Operation'],
  summary: 'Read the counters of one isolate',
  responses: {
    200: response('Prometheus text exposition, version 0.0.4.', 'text/plain', z.string()),
    ...problemResponses(...KEYED_PROBLEMS),
  },
};

/** This isolate's counters as Prometheus text: one of many isolates, and gone with it. */
export class GetMetrics extends OpenAPIRoute {
  override schema = SCHEMA;

  override handle(c: Context<HttpEnv>) {
    return c.text(c.var.services.telemetry.exposition(), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  }
}
