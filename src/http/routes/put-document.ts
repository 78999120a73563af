import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { acceptDocument } from '../../ingest/accept-document.ts';
import { planIngestion } from '../../ingest/plan-ingestion.ts';
import { documentContents, documentQuery, readDocumentBody } from '../document-body.ts';
import { documentPath, documentSchema, viewDocument } from '../document-view.ts';
import type { HttpEnv } from '../http-env.ts';
import { inPlanTurn } from '../in-plan-turn.ts';
import { ingestionPlanSchema, isDryRun, viewIngestionPlan } from '../ingestion-plan-view.ts';
import { readDocumentId, readNamespace } from '../read-request.ts';
import { ACCEPTANCE_PROBLEMS, refusedAcceptance } from '../refused-acceptance.ts';
import { refusedPlan } from '../refused-plan.ts';
import { documentParams } from '../route-params.ts';
import { DOCUMENT_PROBLEMS, LOCATION, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'putDocument',
  tags: ['Documents'],
  summary: 'Create or replace a document',
  description:
    'Returns as soon as the document is safely stored; a queue does the rest. Poll `statusUrl` until `state` is `ready`.',
  request: {
    params: documentParams,
    query: documentQuery,
    body: {
      required: true,
      content: documentContents,
    },
  },
  responses: {
    200: response(
      'Unchanged: nothing was done and nothing is charged. With `dryRun`, what ingesting it would come to.',
      'application/json',
      z.union([documentSchema, ingestionPlanSchema]),
    ),
    202: response('Accepted.', 'application/json', documentSchema, LOCATION),
    ...problemResponses(
      ...DOCUMENT_PROBLEMS,
      'INVALID_JSON',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      ...ACCEPTANCE_PROBLEMS,
      'DOCUMENT_UNREADABLE',
      'SOURCE_FORBIDDEN',
      'METADATA_TOO_LARGE',
      'DOCUMENT_NOT_INGESTIBLE',
      'DRY_RUN_UNAVAILABLE',
    ),
  },
};

/** Accepts a document for ingestion: 202 once it cannot be lost, 200 when it is already here unchanged. */
export class PutDocument extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const documentId = readDocumentId(c);
    const { services } = c.var;
    const body = await readDocumentBody(c, services.config);
    if (isDryRun(c)) {
      const plan = await inPlanTurn(services.plan, (plans) => planIngestion(plans, { namespace, documentId, ...body }));
      if (!plan.ok) throw refusedPlan(plan.error);
      return c.json(viewIngestionPlan(documentId, plan.value), 200);
    }
    const accepted = await acceptDocument(services.write, { namespace, documentId, ...body });
    if (!accepted.ok) throw refusedAcceptance(accepted.error);
    const { outcome, status } = accepted.value;
    const view = viewDocument(status, new URL(c.req.url).origin, accepted.value);
    if (outcome === 'unchanged') return c.json(view, 200);
    return c.json(view, 202, { location: documentPath(namespace, documentId) });
  }
}
