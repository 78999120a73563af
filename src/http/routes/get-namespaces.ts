import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { namespaceName } from '../../namespaces/namespace-name.ts';
import { deadlineIn } from '../../resilience/deadline.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { namespaceListSchema, viewNamespace } from '../namespace-view.ts';
import { readQuery } from '../read-request.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: namespaceName.optional().meta({ description: '`nextCursor` of the page before.' }),
});

const SCHEMA = {
  operationId: 'listNamespaces',
  tags: ['Namespaces'],
  summary: 'List the namespaces',
  request: { query },
  responses: {
    200: response('In the order of their names.', 'application/json', namespaceListSchema),
    ...problemResponses(...KEYED_PROBLEMS, 'VALIDATION_FAILED', 'STORAGE_UNAVAILABLE'),
  },
};

/** The namespaces of this deployment, page by page. */
export class GetNamespaces extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { limit, cursor } = readQuery(c, query);
    const { namespaces, clock, config } = c.var.services;
    // One more than wanted tells whether there is another page.
    const page = { after: cursor ?? '', limit: limit + 1 };
    const listed = await namespaces.list(page, deadlineIn(clock, config.CATALOG_TIMEOUT_MS));
    if (!listed.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The catalog could not be read.', { retryAfterMs: 2_000 });
    }
    const shown = listed.value.slice(0, limit);
    const nextCursor = listed.value.length > limit ? (shown.at(-1)?.namespace ?? null) : null;
    return c.json({ namespaces: shown.map(viewNamespace), nextCursor }, 200);
  }
}
