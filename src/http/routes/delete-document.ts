import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { removeDocument } from '../../ingest/remove-document.ts';
import { documentPath, documentSchema, viewDocument } from '../document-view.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { readDocumentId, readNamespace } from '../read-request.ts';
import { documentParams } from '../route-params.ts';
import { DOCUMENT_PROBLEMS, LOCATION, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'deleteDocument',
  tags: ['Documents'],
  summary: 'Delete a document',
  description: 'It is out of answers when this returns; `GET` answers 404 once it is gone from every store.',
  request: { params: documentParams },
  responses: {
    202: response('Being deleted.', 'application/json', documentSchema, LOCATION),
    ...problemResponses(...DOCUMENT_PROBLEMS, 'DOCUMENT_NOT_FOUND'),
  },
};

/** Takes a document out of every answer at once, and out of every store soon after. */
export class DeleteDocument extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const documentId = readDocumentId(c);
    const removed = await removeDocument(c.var.services.write, namespace, documentId);
    if (!removed.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The deletion was not recorded.', {
        retryAfterMs: removed.error.retryAfterMs,
      });
    }
    if (removed.value === null) {
      throw new ApiProblem('DOCUMENT_NOT_FOUND', 'This document was never put here, or its deletion is complete.');
    }
    return c.json(viewDocument(removed.value, new URL(c.req.url).origin), 202, {
      location: documentPath(namespace, documentId),
    });
  }
}
