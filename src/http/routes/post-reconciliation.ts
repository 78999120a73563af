import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { startReconciliation } from '../../ingest/reconcile/start-reconciliation.ts';
import { namespaceName } from '../../namespaces/namespace-name.ts';
import { deadlineIn } from '../../resilience/deadline.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { readJson } from '../read-request.ts';
import { reconciliationPath } from '../reconciliation-view.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';
import { refuseUnknownNamespace } from '../unanswered.ts';

const MAX_BODY_BYTES = 1_024;

const orderBody = z
  .strictObject({
    namespace: namespaceName.nullable().default(null).meta({ description: '`null`: all of them.' }),
    force: z.boolean().default(false).meta({ description: 'Repair however much differs.' }),
  })
  .meta({ id: 'ReconciliationOrder' });

const acceptedSchema = z.object({ id: z.string(), statusUrl: z.string() });

const SCHEMA = {
  operationId: 'postReconciliation',
  tags: ['Operation'],
  summary: 'Compare the catalog with every store, and repair',
  description: 'Runs in the background, one at a time; one a day is started by itself. `statusUrl` has the report.',
  request: { body: { required: true, content: { 'application/json': { schema: orderBody } } } },
  responses: {
    202: response('Begun.', 'application/json', acceptedSchema, {
      Location: { description: 'The address of the report.', schema: { type: 'string' } },
    }),
    ...problemResponses(
      ...KEYED_PROBLEMS,
      'INVALID_JSON',
      'VALIDATION_FAILED',
      'NAMESPACE_NOT_FOUND',
      'RECONCILIATION_RUNNING',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'STORAGE_UNAVAILABLE',
    ),
  },
};

/** Has everything made from documents compared with the catalog. */
export class PostReconciliation extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { write, clock, config } = c.var.services;
    const { namespace, force } = await readJson(c, orderBody, MAX_BODY_BYTES);
    if (namespace !== null) await refuseUnknownNamespace(c, namespace, 0);
    const deadline = deadlineIn(clock, config.CATALOG_TIMEOUT_MS);
    const started = await startReconciliation(write, { namespace, isForced: force }, deadline);
    if (!started.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The catalog could not be written.', { retryAfterMs: 2_000 });
    }
    const { kind, id } = started.value;
    const path = reconciliationPath(id);
    if (kind === 'running') throw new ApiProblem('RECONCILIATION_RUNNING', `Its report is at ${path}.`);
    return c.json({ id, statusUrl: `${new URL(c.req.url).origin}${path}` }, 202, { location: path });
  }
}
