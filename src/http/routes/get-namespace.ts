import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { deadlineIn } from '../../resilience/deadline.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { namespaceSchema, viewNamespace } from '../namespace-view.ts';
import { readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { LIST_PROBLEMS, problemResponses, response } from '../route-responses.ts';
import { noSuchNamespace } from '../unanswered.ts';

const SCHEMA = {
  operationId: 'getNamespace',
  tags: ['Namespaces'],
  summary: 'Read what a namespace holds, and what it may hold',
  request: { params: namespaceParams },
  responses: {
    200: response('Its documents by state, its usage and its quotas.', 'application/json', namespaceSchema),
    ...problemResponses(...LIST_PROBLEMS, 'NAMESPACE_NOT_FOUND'),
  },
};

/** What a namespace holds now. A deleted one is there until nothing is left of it. */
export class GetNamespace extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const { namespaces, clock, config } = c.var.services;
    const found = await namespaces.find(namespace, deadlineIn(clock, config.CATALOG_TIMEOUT_MS));
    if (!found.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The catalog could not be read.', { retryAfterMs: 2_000 });
    }
    if (found.value === null) throw noSuchNamespace(namespace);
    return c.json(viewNamespace(found.value), 200);
  }
}
