import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { ITEM_STATES } from '../../catalog/ingestions.ts';
import { pageQuery, readCursor, writeCursor } from '../cursor.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { ingestionSchema, viewIngestion } from '../ingestion-view.ts';
import { readNamespace, readQuery } from '../read-request.ts';
import { ingestionParams } from '../route-params.ts';
import { LIST_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const query = z.strictObject({ ...pageQuery, state: z.enum(ITEM_STATES).optional() });

const SCHEMA = {
  operationId: 'getIngestion',
  tags: ['Documents'],
  summary: 'Read what has become of the documents of one request',
  request: { params: ingestionParams, query },
  responses: {
    200: response('Their states now.', 'application/json', ingestionSchema),
    ...problemResponses(...LIST_PROBLEMS, 'INGESTION_NOT_FOUND'),
  },
};

/** What has become of the documents that came in one request. */
export class GetIngestion extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const { limit, cursor, state = null } = readQuery(c, query);
    const after = readCursor('ingestion', z.number().int(), cursor) ?? -1;
    const id = c.req.param('id') ?? '';
    // One more than asked for tells whether there is a next page.
    const read = await c.var.services.readIngestion(namespace, id, { after, limit: limit + 1, state });
    if (!read.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The catalog could not be read.', { retryAfterMs: 2_000 });
    }
    if (read.value === null) {
      throw new ApiProblem('INGESTION_NOT_FOUND', `There is no such ingestion in the namespace "${namespace}".`);
    }
    const items = read.value.items.slice(0, limit);
    const hasMore = read.value.items.length > limit;
    const nextCursor = hasMore ? writeCursor('ingestion', items.at(-1)?.n) : null;
    const view = viewIngestion({ namespace, id, nextCursor }, { ...read.value, items }, new URL(c.req.url).origin);
    return c.json(view, 200, { 'cache-control': 'no-store' });
  }
}
