import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { deleteMany } from '../../ingest/delete-many.ts';
import { deletionBody, readDeletion } from '../deletion-body.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { namespacePath } from '../namespace-view.ts';
import { readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { LIST_PROBLEMS, NAMESPACE_LOCATION, problemResponses, response } from '../route-responses.ts';
import { noSuchNamespace } from '../unanswered.ts';

const deletionSchema = z
  .object({
    id: z.string(),
    matched: z.number().int().meta({ description: 'Documents that are out of every answer by now.' }),
    state: z
      .enum(['complete', 'continuing'])
      .meta({ description: '`continuing`: there may be more that match; they follow without another request.' }),
  })
  .meta({ id: 'Deletion' });

const SCHEMA = {
  operationId: 'deleteDocuments',
  tags: ['Documents'],
  summary: 'Delete many documents, by filter or by id',
  description:
    'The filter is that of a search, over the metadata of each document’s newest version. Documents put after this request stay.',
  request: {
    params: namespaceParams,
    body: { required: true, content: { 'application/json': { schema: deletionBody } } },
  },
  responses: {
    202: response('Being deleted.', 'application/json', deletionSchema, NAMESPACE_LOCATION),
    ...problemResponses(
      ...LIST_PROBLEMS,
      'NAMESPACE_NOT_FOUND',
      'INVALID_JSON',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
    ),
  },
};

/** Takes many documents out of every answer, and out of every store soon after. */
export class PostDeletions extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const target = await readDeletion(c, namespace);
    const deleted = await deleteMany(c.var.services.write, namespace, target);
    if (!deleted.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The deletion was not recorded.', {
        retryAfterMs: deleted.error.retryAfterMs,
      });
    }
    if (deleted.value === null) throw noSuchNamespace(namespace);
    return c.json(deleted.value, 202, { location: namespacePath(namespace) });
  }
}
