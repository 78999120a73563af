import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { purgedSchema } from '../cache-view.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';
import { noSuchNamespace } from '../unanswered.ts';

const SCHEMA = {
  operationId: 'purgeCache',
  tags: ['Caches'],
  summary: 'Purge the caches of a namespace',
  description: 'Nothing made before is used again: here at once, in every other isolate within seconds.',
  request: { params: namespaceParams },
  responses: {
    200: response('Purged.', 'application/json', purgedSchema),
    ...problemResponses(
      ...KEYED_PROBLEMS,
      'VALIDATION_FAILED',
      'INVALID_NAMESPACE',
      'NAMESPACE_NOT_FOUND',
      'STORAGE_UNAVAILABLE',
    ),
  },
};

/** Makes every cached answer and search result of a namespace unusable. Vectors of texts stay: they are not its own. */
export class DeleteCache extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const purged = await c.var.services.purgeCache(namespace);
    if (!purged.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The purge was not recorded.', { retryAfterMs: 2_000 });
    }
    if (purged.value === null) throw noSuchNamespace(namespace);
    return c.json({ namespace, purge: purged.value.purge }, 200, { 'cache-control': 'no-store' });
  }
}
