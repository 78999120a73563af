import type { Context } from 'hono';
import * as z from 'zod';
import type { DocumentInput } from '../ingest/accept-document.ts';
import { metadata, metadataChange, title, url } from '../ingest/description-schema.ts';
import { checkText, readSource } from '../ingest/document-source.ts';
import { checkSourceAddress, type SourcePolicy } from '../ingest/fetch-source/source-address.ts';
import { factsOf, type MediaType, mediaTypeNamed, mediaTypes, textTypes } from '../ingest/media-types.ts';
import { plainText } from '../plain-text.ts';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';
import { dryRun } from './ingestion-plan-view.ts';
import { mediaType, readBytes, readJson, readQuery } from './read-request.ts';

/** A document of a request, without its address. */
export type DocumentContent = Omit<DocumentInput, 'namespace' | 'documentId'>;

export interface DocumentLimits {
  MAX_DOCUMENT_BYTES: number;
  MAX_FILE_BYTES: number;
  sourcePolicy: SourcePolicy;
}

const TEXT_LIMIT = 'At most 2,000,000 bytes of UTF-8, unless this deployment sets `MAX_DOCUMENT_BYTES`.';
const FILE_LIMIT = 'At most 10,000,000 bytes, unless this deployment sets `MAX_FILE_BYTES`.';

/** A document's own text as the body, of every type that is text. */
const rawText = z.string().meta({ description: TEXT_LIMIT });
const rawFile = z.string().meta({ format: 'binary', description: FILE_LIMIT });

/** The JSON form of a document: exactly one of `content` and `sourceUrl`. */
export const documentBody = z
  .strictObject({
    content: z.string().optional().meta({ description: TEXT_LIMIT }),
    sourceUrl: plainText
      .max(1_000)
      .check(z.url())
      .optional()
      .meta({ format: 'uri', description: 'Read soon after, instead of `content`: public, http or https.' }),
    contentType: z
      .enum(textTypes, { error: ({ input }) => describeTextType(input) })
      .optional()
      .meta({ description: 'Of `content`; text/markdown when absent.' }),
    title: title.nullable().default(null),
    url: url.nullable().default(null),
    metadata: metadata.default({}),
  })
  .refine(({ content, sourceUrl }) => content !== undefined || sourceUrl !== undefined, {
    path: ['content'],
    error: 'is missing: give a document either content or sourceUrl',
  })
  .refine(({ content, sourceUrl }) => content === undefined || sourceUrl === undefined, {
    path: ['sourceUrl'],
    error: 'cannot be given beside content',
  })
  .refine(({ contentType, sourceUrl }) => contentType === undefined || sourceUrl === undefined, {
    path: ['contentType'],
    error: 'cannot be given with sourceUrl: the answer from there says what it is',
  })
  .meta({ id: 'DocumentInput' });

/** A JSON merge patch (RFC 7396) of what is said about a document. */
export const documentChange = z
  .strictObject({
    title: title.optional(),
    url: url.nullable().optional(),
    metadata: metadataChange.optional(),
  })
  .meta({ id: 'DocumentChange' });

/** What can be said about a raw body in the address. */
export const documentQuery = z.strictObject({ title: title.optional(), url: url.optional(), dryRun });

/** The same for JSON, which says the rest itself. */
export const jsonQuery = z.strictObject({ dryRun });

/** For the API's description: each accepted type of a body. */
export const documentContents = {
  ...Object.fromEntries(
    mediaTypes.map((type) => [type, { schema: factsOf(type).form === 'file' ? rawFile : rawText }]),
  ),
  'application/json': { schema: documentBody },
};

// A JSON string may escape every character of the content, six for one.
const JSON_EXPANSION = 6;
const JSON_OVERHEAD_BYTES = 16_384;

/** The most bytes a document may have in its JSON form. */
export function maxJsonBytes({ MAX_DOCUMENT_BYTES }: DocumentLimits): number {
  return MAX_DOCUMENT_BYTES * JSON_EXPANSION + JSON_OVERHEAD_BYTES;
}

/**
 * The document in the request, raw with its own content type (`curl -T guide.md`) or wrapped in JSON.
 * @throws ApiProblem 400, 413, 415 or 422
 */
export async function readDocumentBody(c: Context<HttpEnv>, limits: DocumentLimits): Promise<DocumentContent> {
  if (mediaType(c) === 'application/json') {
    readQuery(c, jsonQuery);
    const setting = 'MAX_DOCUMENT_BYTES';
    return documentOf(await readJson(c, documentBody, maxJsonBytes(limits), { setting }), limits);
  }
  const query = readQuery(c, documentQuery);
  const type = rawType(c);
  const limitName = factsOf(type).form === 'file' ? 'MAX_FILE_BYTES' : 'MAX_DOCUMENT_BYTES';
  const bytes = await readBytes(c, limits[limitName], limitName);
  const source = readSource(type, bytes, c.req.header('content-type') ?? '');
  if (!source.ok) throw new ApiProblem(source.error.code, source.error.message);
  return { source: source.value, title: query.title ?? null, url: query.url ?? null, metadata: {} };
}

/** The document in its JSON form. @throws ApiProblem 413 or 422 */
export function documentOf(
  { content, sourceUrl, contentType = 'text/markdown', ...described }: z.infer<typeof documentBody>,
  { MAX_DOCUMENT_BYTES, sourcePolicy }: DocumentLimits,
): DocumentContent {
  if (sourceUrl !== undefined) {
    const address = checkSourceAddress(sourceUrl, sourcePolicy);
    if (!address.ok) throw new ApiProblem('SOURCE_FORBIDDEN', address.error);
    return { ...described, source: { kind: 'url', sourceUrl: address.value.href } };
  }
  const text = content ?? '';
  if (new TextEncoder().encode(text).length > MAX_DOCUMENT_BYTES) {
    throw new ApiProblem(
      'BODY_TOO_LARGE',
      `The content may have at most ${MAX_DOCUMENT_BYTES} bytes (MAX_DOCUMENT_BYTES).`,
    );
  }
  const checked = checkText(text);
  if (!checked.ok) throw new ApiProblem(checked.error.code, checked.error.message);
  return { ...described, source: { kind: 'text', contentType, content: checked.value } };
}

function rawType(c: Context<HttpEnv>): MediaType {
  const given = mediaType(c);
  const known = mediaTypeNamed(given);
  if (known !== null) return known;
  throw new ApiProblem(
    'UNSUPPORTED_MEDIA_TYPE',
    `Content-Type is ${given === '' ? 'missing' : `"${given.slice(0, 100)}"`}; a document is application/json or one of ${mediaTypes.join(', ')}.`,
  );
}

function describeTextType(input: unknown): string {
  const isFile = mediaTypes.some((type) => type === input && factsOf(type).form === 'file');
  if (isFile) return `is that of a file: send it as the body itself, with Content-Type ${String(input)}`;
  return `must be one of ${textTypes.join(', ')}`;
}
