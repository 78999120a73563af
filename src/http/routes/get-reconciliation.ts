import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { deadlineIn } from '../../resilience/deadline.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { reconciliationSchema, viewReconciliation } from '../reconciliation-view.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'getReconciliation',
  tags: ['Operation'],
  summary: 'Read the report of a comparison',
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: response('What it has found so far.', 'application/json', reconciliationSchema),
    ...problemResponses(...KEYED_PROBLEMS, 'VALIDATION_FAILED', 'RECONCILIATION_NOT_FOUND', 'STORAGE_UNAVAILABLE'),
  },
};

/** One comparison of the catalog with every store. */
export class GetReconciliation extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { write, clock, config } = c.var.services;
    const deadline = deadlineIn(clock, config.CATALOG_TIMEOUT_MS);
    const found = await write.catalog.reconciliations.find(c.req.param('id') ?? '', deadline);
    if (!found.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The catalog could not be read.', { retryAfterMs: 2_000 });
    }
    if (found.value === null) throw new ApiProblem('RECONCILIATION_NOT_FOUND', 'The last 100 are kept.');
    const view = viewReconciliation(found.value, new URL(c.req.url).origin);
    return c.json(view, 200, { 'cache-control': 'no-store' });
  }
}
