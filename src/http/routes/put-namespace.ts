import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { deadlineIn } from '../../resilience/deadline.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { namespaceBody } from '../namespace-body.ts';
import { namespaceSchema, viewNamespace } from '../namespace-view.ts';
import { readJson, readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { LIST_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const MAX_BODY_BYTES = 16_384;

const SCHEMA = {
  operationId: 'putNamespace',
  tags: ['Namespaces'],
  summary: 'Create a namespace, or change its settings',
  request: {
    params: namespaceParams,
    body: { required: true, content: { 'application/json': { schema: namespaceBody } } },
  },
  responses: {
    200: response('As it is now.', 'application/json', namespaceSchema),
    ...problemResponses(...LIST_PROBLEMS, 'INVALID_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
  },
};

/** Sets what a namespace may hold. */
export class PutNamespace extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const { quotas } = await readJson(c, namespaceBody, MAX_BODY_BYTES);
    const { namespaces, clock, config } = c.var.services;
    const deadline = deadlineIn(clock, config.CATALOG_TIMEOUT_MS);
    const put = await namespaces.put(namespace, quotas ?? null, clock.nowMs(), deadline);
    if (!put.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The settings were not recorded.', { retryAfterMs: 2_000 });
    }
    return c.json(viewNamespace(put.value), 200);
  }
}
