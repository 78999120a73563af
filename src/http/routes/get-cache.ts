import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { cacheStatusSchema, viewCache } from '../cache-view.ts';
import type { HttpEnv } from '../http-env.ts';
import { readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'getCache',
  tags: ['Caches'],
  summary: 'Read the hit ratios of a namespace',
  request: { params: namespaceParams },
  responses: {
    200: response('The counts of one isolate.', 'application/json', cacheStatusSchema),
    ...problemResponses(...KEYED_PROBLEMS, 'VALIDATION_FAILED', 'INVALID_NAMESPACE'),
  },
};

/** How often each layer of the caches had what a namespace was asked for, as this isolate has seen it. */
export class GetCache extends OpenAPIRoute {
  override schema = SCHEMA;

  override handle(c: Context<HttpEnv>) {
    const { cacheTallies, similarityThreshold } = c.var.services;
    const view = viewCache(cacheTallies, readNamespace(c), similarityThreshold);
    return c.json(view, 200, { 'cache-control': 'no-store' });
  }
}
