import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { retryDocument } from '../../ingest/retry-documents.ts';
import { documentPath, documentSchema, viewDocument } from '../document-view.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { readDocumentId, readNamespace } from '../read-request.ts';
import { documentParams } from '../route-params.ts';
import { DOCUMENT_PROBLEMS, LOCATION, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'retryDocument',
  tags: ['Documents'],
  summary: 'Try a document again',
  description:
    'One that has failed, that waits for its next attempt, or that a store lacks. Its last error stays in `failed` until the attempt has ended.',
  request: { params: documentParams },
  responses: {
    202: response('It is tried again, or already being tried.', 'application/json', documentSchema, LOCATION),
    ...problemResponses(...DOCUMENT_PROBLEMS, 'DOCUMENT_NOT_FOUND', 'NOTHING_TO_RETRY'),
  },
};

/** Has a document tried again now, with all its attempts. */
export class PostDocumentRetry extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const documentId = readDocumentId(c);
    const retried = await retryDocument(c.var.services.write, namespace, documentId);
    if (!retried.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The retry was not recorded.', {
        retryAfterMs: retried.error.retryAfterMs,
      });
    }
    switch (retried.value.kind) {
      case 'unknown':
        throw new ApiProblem('DOCUMENT_NOT_FOUND', 'This document was never put here, or its deletion is complete.');
      case 'nothing-to-retry':
        throw new ApiProblem('NOTHING_TO_RETRY', 'The document is ready, and every store has it.');
      case 'under-way':
        return c.json(viewDocument(retried.value.status, new URL(c.req.url).origin), 202, {
          location: documentPath(namespace, documentId),
        });
    }
  }
}
