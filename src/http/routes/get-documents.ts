import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { pageQuery, readCursor, writeCursor } from '../cursor.ts';
import { documentSchema, viewDocument } from '../document-view.ts';
import { ApiProblem } from '../errors.ts';
import { filterBody } from '../filter-body.ts';
import type { HttpEnv } from '../http-env.ts';
import { readNamespace, readQuery } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { LIST_PROBLEMS, problemResponses, response } from '../route-responses.ts';
import { refuseUnknownNamespace } from '../unanswered.ts';

const filter = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not valid JSON' });
      return z.NEVER;
    }
  })
  .pipe(filterBody)
  .meta({ type: 'string', description: 'A `Filter` as JSON, on the metadata of each newest version.' });

const query = z.strictObject({
  ...pageQuery,
  state: documentSchema.shape.state.optional(),
  idPrefix: z.string().max(512).default(''),
  filter: filter.optional(),
});

const pageSchema = z
  .object({
    documents: z.array(documentSchema),
    nextCursor: z.string().nullable().meta({ description: '`null` on the last page.' }),
  })
  .meta({ id: 'DocumentPage' });

const SCHEMA = {
  operationId: 'getDocuments',
  tags: ['Documents'],
  summary: 'List documents',
  description:
    'By id. Documents that are there throughout are on exactly one page, whatever else comes and goes. A page looks at a bounded number of documents: only `nextCursor` says whether there are more.',
  request: { params: namespaceParams, query },
  responses: {
    200: response('A page of them.', 'application/json', pageSchema),
    ...problemResponses(...LIST_PROBLEMS, 'NAMESPACE_NOT_FOUND'),
  },
};

/** The documents of a namespace and their states. */
export class GetDocuments extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const asked = readQuery(c, query);
    const after = readCursor('documents', z.string(), asked.cursor) ?? '';
    const { limit, idPrefix, state = null, filter: condition = null } = asked;
    const page = await c.var.services.listDocuments(namespace, { after, limit, idPrefix, state, filter: condition });
    if (!page.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The catalog could not be read.', { retryAfterMs: 2_000 });
    }
    const { statuses, next } = page.value;
    await refuseUnknownNamespace(c, namespace, statuses.length);
    const origin = new URL(c.req.url).origin;
    const documents = statuses.map((status) => viewDocument(status, origin));
    const nextCursor = next === null ? null : writeCursor('documents', next);
    return c.json({ documents, nextCursor }, 200, { 'cache-control': 'no-store' });
  }
}
