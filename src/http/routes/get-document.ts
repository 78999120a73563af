import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { documentSchema, viewDocument } from '../document-view.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { readDocumentId, readNamespace } from '../read-request.ts';
import { documentParams } from '../route-params.ts';
import { DOCUMENT_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'getDocument',
  tags: ['Documents'],
  summary: 'Read the state of a document',
  request: { params: documentParams },
  responses: {
    200: response('Its state.', 'application/json', documentSchema),
    ...problemResponses(...DOCUMENT_PROBLEMS, 'DOCUMENT_NOT_FOUND'),
  },
};

/** What is known of a document now. */
export class GetDocument extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const documentId = readDocumentId(c);
    const status = await c.var.services.documentStatus(namespace, documentId);
    if (!status.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The catalog could not be read.', { retryAfterMs: 2_000 });
    }
    if (status.value === null) {
      throw new ApiProblem('DOCUMENT_NOT_FOUND', 'This document was never put here, or its deletion is complete.');
    }
    return c.json(viewDocument(status.value, new URL(c.req.url).origin), 200);
  }
}
