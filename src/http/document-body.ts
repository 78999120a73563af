import type { Context } from 'hono';
import * as z from 'zod';
import type { DocumentInput } from '../ingest/accept-document.ts';
import { plainText } from '../plain-text.ts';
import {
  MAX_METADATA_BYTES,
  MAX_METADATA_TEXT_CHARACTERS,
  metadataBytes,
  metadataKey,
} from '../retrieval/metadata-schema.ts';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';
import { mediaType, noQuery, readBytes, readJson, readQuery } from './read-request.ts';

const contentTypes = ['text/markdown', 'text/plain'] as const;
const title = plainText.trim().min(1).max(300);
const url = plainText
  .max(1_000)
  .check(z.url({ protocol: /^https?$/, abort: true }))
  .refine(hasNoCredentials, 'has a user name or password')
  .meta({ format: 'uri', description: 'http or https, without a user name or password' });

const MAX_LISTED_TEXT_CHARACTERS = 200;
const MAX_LISTED_TEXTS = 50;

const METADATA_KEY = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

const metadataValue = z.union([
  plainText.max(MAX_METADATA_TEXT_CHARACTERS),
  z.number(),
  z.boolean(),
  z.array(plainText.max(MAX_LISTED_TEXT_CHARACTERS)).max(MAX_LISTED_TEXTS),
]);

const metadata = z
  .preprocess(
    refuseProto,
    z
      .record(metadataKey, metadataValue)
      .refine(
        (value) => metadataBytes(value) <= MAX_METADATA_BYTES,
        `may have at most ${MAX_METADATA_BYTES} bytes as JSON`,
      ),
  )
  .meta({
    description: `Comes back with every passage. Keys fit \`${METADATA_KEY.source}\`; at most ${MAX_METADATA_BYTES.toLocaleString('en')} bytes as JSON.`,
  });

const CONTENT_LIMIT = 'At most 2,000,000 bytes of UTF-8, unless this deployment sets `MAX_DOCUMENT_BYTES`.';

/** A document's own text as the body. */
export const rawDocument = z.string().meta({ description: CONTENT_LIMIT });

/** The JSON form of a document. */
export const documentBody = z
  .strictObject({
    content: z.string().meta({ description: CONTENT_LIMIT }),
    contentType: z.enum(contentTypes).default('text/markdown'),
    title: title.nullable().default(null),
    url: url.nullable().default(null),
    metadata: metadata.default({}),
  })
  .meta({ id: 'DocumentInput' });

/** A JSON merge patch (RFC 7396) of what is said about a document. */
export const documentChange = z
  .strictObject({
    title: title.optional(),
    url: url.nullable().optional(),
    metadata: z
      .preprocess(refuseProto, z.record(metadataKey, metadataValue.nullable()))
      .optional()
      .meta({ description: 'Keys that are absent stay; `null` removes one.' }),
  })
  .meta({ id: 'DocumentChange' });
export type UnnamedDocument = Omit<DocumentInput, 'namespace' | 'documentId'>;

/** What can be said about a raw body in the address. */
export const documentQuery = z.strictObject({ title: title.optional(), url: url.optional() });

// A JSON string may escape every character of the content, six for one.
const JSON_EXPANSION = 6;
const JSON_OVERHEAD_BYTES = 16_384;

/** The most that a document of so many bytes takes as JSON. */
export function maxJsonBytes(maxBytes: number): number {
  return maxBytes * JSON_EXPANSION + JSON_OVERHEAD_BYTES;
}

/** The document that its JSON form describes, alone in a request or among many. @throws ApiProblem 413 or 422 */
export function describedDocument(body: z.infer<typeof documentBody>, maxBytes: number): UnnamedDocument {
  if (new TextEncoder().encode(body.content).length > maxBytes) {
    throw new ApiProblem('BODY_TOO_LARGE', `The content may have at most ${maxBytes} bytes.`);
  }
  return { ...body, content: readable(body.content) };
}

/** The document in the request, raw with its own content type (`curl -T guide.md`) or wrapped in JSON. */
export async function readDocumentBody(c: Context<HttpEnv>, maxBytes: number): Promise<UnnamedDocument> {
  if (mediaType(c) === 'application/json') {
    readQuery(c, noQuery);
    const body = await readJson(c, documentBody, maxJsonBytes(maxBytes));
    return describedDocument(body, maxBytes);
  }
  const query = readQuery(c, documentQuery);
  const contentType = rawContentType(c);
  const bytes = await readBytes(c, maxBytes);
  return {
    content: decode(bytes, c.req.header('content-type') ?? ''),
    contentType,
    title: query.title ?? null,
    url: query.url ?? null,
    metadata: {},
  };
}

function rawContentType(c: Context<HttpEnv>): (typeof contentTypes)[number] {
  const given = mediaType(c);
  const known = contentTypes.find((type) => type === given);
  if (known !== undefined) return known;
  throw new ApiProblem(
    'UNSUPPORTED_MEDIA_TYPE',
    `Content-Type is ${given === '' ? 'missing' : `"${given.slice(0, 100)}"`}; a document is text/markdown, text/plain or application/json.`,
  );
}

function decode(bytes: Uint8Array, contentType: string): string {
  const charset = /charset="?([\w-]+)"?/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return readable(new TextDecoder(charset, { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw new ApiProblem('DOCUMENT_UNREADABLE', `The body is not text in the charset ${charset}.`);
  }
}

function readable(content: string): string {
  if (!content.isWellFormed() || content.includes('\0')) {
    throw new ApiProblem('DOCUMENT_UNREADABLE', 'The document has NUL characters or broken Unicode: it is not text.');
  }
  return content;
}

function hasNoCredentials(url: string): boolean {
  const { username, password } = new URL(url);
  return username === '' && password === '';
}

// A record drops this key without a word.
function refuseProto(value: unknown, ctx: z.RefinementCtx): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
    ctx.addIssue({ code: 'custom', path: ['__proto__'], message: 'is not allowed as a key' });
  }
  return value;
}
