import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { changeDocument } from '../../ingest/change-document.ts';
import { documentChange } from '../document-body.ts';
import { documentPath, documentSchema, viewDocument } from '../document-view.ts';
import { ApiProblem, invalidFields } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { noQuery, readDocumentId, readJson, readNamespace, readQuery } from '../read-request.ts';
import { refusedAcceptance } from '../refused-acceptance.ts';
import { documentParams } from '../route-params.ts';
import { DOCUMENT_PROBLEMS, LOCATION, problemResponses, response } from '../route-responses.ts';

const MEDIA_TYPES = ['application/json', 'application/merge-patch+json'] as const;
const MAX_CHANGE_BYTES = 65_536;

const SCHEMA = {
  operationId: 'patchDocument',
  tags: ['Documents'],
  summary: 'Change what is said about a document',
  description:
    'Its text stays. A change of `metadata` or `url` embeds nothing; another `title` is embedded with every passage.',
  request: {
    params: documentParams,
    body: {
      required: true,
      content: Object.fromEntries(MEDIA_TYPES.map((type) => [type, { schema: documentChange }])),
    },
  },
  responses: {
    200: response('Unchanged: all of it is so already.', 'application/json', documentSchema),
    202: response('Accepted.', 'application/json', documentSchema, LOCATION),
    ...problemResponses(
      ...DOCUMENT_PROBLEMS,
      'DOCUMENT_NOT_FOUND',
      'INVALID_JSON',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'METADATA_TOO_LARGE',
      'QUOTA_EXCEEDED',
      'INGESTION_OVERLOADED',
    ),
  },
};

/** Accepts a change of a document's title, url or metadata. */
export class PatchDocument extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const documentId = readDocumentId(c);
    readQuery(c, noQuery);
    const change = await readJson(c, documentChange, MAX_CHANGE_BYTES, { mediaTypes: MEDIA_TYPES });
    const changed = await changeDocument(c.var.services.write, { namespace, documentId }, change);
    if (!changed.ok) {
      if (changed.error.kind === 'unprocessable') {
        throw invalidFields([{ pointer: '/metadata', detail: changed.error.message }], 'METADATA_TOO_LARGE');
      }
      throw refusedAcceptance(changed.error);
    }
    if (changed.value === null) {
      throw new ApiProblem('DOCUMENT_NOT_FOUND', 'This document was never put here, or it is being deleted.');
    }
    const { outcome, status } = changed.value;
    const view = viewDocument(status, new URL(c.req.url).origin, { outcome, duplicateOf: null });
    if (outcome === 'unchanged') return c.json(view, 200);
    return c.json(view, 202, { location: documentPath(namespace, documentId) });
  }
}
