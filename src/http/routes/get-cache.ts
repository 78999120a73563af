import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { cacheStatusSchema, viewCache } from '../cache-view.ts';
import type { HttpEnv } from '../http-env.ts';
import { readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';
import { refuseUnknownNamespace } from '../unanswered.ts';

const SCHEMA = {
  operationId: 'getCache',
  tags: ['Caches'],
  summary: 'Read the hit ratios of a namespace',
  request: { params: namespaceParams },
  responses: {
    200: response('The counts of one isolate.', 'application/json', cacheStatusSchema),
    ...problemResponses(...KEYED_PROBLEMS, 'VALIDATION_FAILED', 'INVALID_NAMESPACE', 'NAMESPACE_NOT_FOUND'),
  },
};

/** How often each layer of the caches had what a namespace was asked for, as this isolate has seen it. */
export class GetCache extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { cacheTallies, similarityThreshold, relevanceFloor } = c.var.services;
    const namespace = readNamespace(c);
    // Whoever was asked of has been counted; only of others it has to be looked up whether they exist.
    await refuseUnknownNamespace(c, namespace, cacheTallies.has(namespace) ? 1 : 0);
    const view = viewCache(cacheTallies, namespace, { similarityThreshold, relevanceFloor });
    return c.json(view, 200, { 'cache-control': 'no-store' });
  }
}
