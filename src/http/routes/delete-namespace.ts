import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { deleteNamespace } from '../../ingest/delete-many.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { namespacePath } from '../namespace-view.ts';
import { readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { LIST_PROBLEMS, NAMESPACE_LOCATION, problemResponses, response } from '../route-responses.ts';
import { noSuchNamespace } from '../unanswered.ts';

const deletedSchema = z
  .object({ namespace: z.string(), state: z.literal('deleting'), statusUrl: z.string() })
  .meta({ id: 'NamespaceDeletion' });

const SCHEMA = {
  operationId: 'deleteNamespace',
  tags: ['Namespaces'],
  summary: 'Delete a namespace with all its documents',
  description:
    'It is out of every answer at once. `statusUrl` answers 404 once nothing is left of it anywhere. A document put later creates it anew.',
  request: { params: namespaceParams },
  responses: {
    202: response('Being deleted.', 'application/json', deletedSchema, NAMESPACE_LOCATION),
    ...problemResponses(...LIST_PROBLEMS, 'NAMESPACE_NOT_FOUND'),
  },
};

/** Takes a namespace out of every answer at once, and out of every store soon after. */
export class DeleteNamespace extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const deleted = await deleteNamespace(c.var.services.write, namespace);
    if (!deleted.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The deletion was not recorded.', {
        retryAfterMs: deleted.error.retryAfterMs,
      });
    }
    if (!deleted.value) throw noSuchNamespace(namespace);
    const location = namespacePath(namespace);
    const statusUrl = `${new URL(c.req.url).origin}${location}`;
    return c.json({ namespace, state: 'deleting', statusUrl }, 202, { location });
  }
}
