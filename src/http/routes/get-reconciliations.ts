import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { deadlineIn } from '../../resilience/deadline.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { reconciliationListSchema, viewReconciliation } from '../reconciliation-view.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const SHOWN = 20;

const SCHEMA = {
  operationId: 'listReconciliations',
  tags: ['Operation'],
  summary: 'List the last comparisons',
  responses: {
    200: response(`The last ${SHOWN}, newest first.`, 'application/json', reconciliationListSchema),
    ...problemResponses(...KEYED_PROBLEMS, 'VALIDATION_FAILED', 'STORAGE_UNAVAILABLE'),
  },
};

/** The last comparisons of the catalog with every store. */
export class GetReconciliations extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { write, clock, config } = c.var.services;
    const listed = await write.catalog.reconciliations.latest(SHOWN, deadlineIn(clock, config.CATALOG_TIMEOUT_MS));
    if (!listed.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The catalog could not be read.', { retryAfterMs: 2_000 });
    }
    const { origin } = new URL(c.req.url);
    const reconciliations = listed.value.map((run) => viewReconciliation(run, origin));
    return c.json({ reconciliations }, 200, { 'cache-control': 'no-store' });
  }
}
