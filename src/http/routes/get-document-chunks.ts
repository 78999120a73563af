import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { pageQuery, readCursor, writeCursor } from '../cursor.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { readDocumentId, readNamespace, readQuery } from '../read-request.ts';
import { documentParams } from '../route-params.ts';
import { DOCUMENT_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const query = z.strictObject(pageQuery);
const position = z.object({ version: z.number().int(), n: z.number().int() });

const chunksSchema = z
  .object({
    documentId: z.string(),
    version: z.number().int().nullable().meta({ description: '`null` while nothing of it is searchable.' }),
    chunks: z.array(
      z.object({
        chunkId: z.string(),
        n: z.number().int().meta({ description: 'Its position in the document, from 0.' }),
        headings: z.array(z.string()),
        text: z.string(),
        start: z.number().int().meta({ description: 'In UTF-16 code units: `text` is the slice from start to end.' }),
        end: z.number().int(),
        metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'ChunkPage' });

const SCHEMA = {
  operationId: 'getDocumentChunks',
  tags: ['Documents'],
  summary: 'List the passages that a document was cut into',
  description: 'Of the version that answers come from now.',
  request: { params: documentParams, query },
  responses: {
    200: response('A page of them, in their order.', 'application/json', chunksSchema),
    ...problemResponses(...DOCUMENT_PROBLEMS, 'DOCUMENT_NOT_FOUND', 'CURSOR_STALE'),
  },
};

/** The passages of a document as they are searched. */
export class GetDocumentChunks extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const documentId = readDocumentId(c);
    const { limit, cursor } = readQuery(c, query);
    const after = readCursor('chunks', position, cursor);
    const page = await c.var.services.documentChunks({ namespace, documentId }, { after, limit });
    if (!page.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The passages could not be read.', { retryAfterMs: 2_000 });
    }
    if (page.value === 'unknown') {
      throw new ApiProblem('DOCUMENT_NOT_FOUND', 'This document was never put here, or its deletion is complete.');
    }
    if (page.value === 'stale') throw new ApiProblem('CURSOR_STALE', 'Another version of the document is live by now.');
    const { version, next } = page.value;
    const chunks = page.value.chunks.map(({ chunkId, n, headings, text, start, end, metadata }) => {
      return { chunkId, n, headings, text, start, end, metadata };
    });
    const nextCursor = next === null ? null : writeCursor('chunks', next);
    return c.json({ documentId, version, chunks, nextCursor }, 200, { 'cache-control': 'private, no-store' });
  }
}
