import type { Context } from 'hono';
import * as z from 'zod';
import { documentId } from '../catalog/document-id.ts';
import type { DocumentInput } from '../ingest/accept-document.ts';
import type { ManyItem } from '../ingest/accept-many.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { type DocumentLimits, documentBody, documentOf, maxJsonBytes } from './document-body.ts';
import { readLines } from './document-lines.ts';
import { ApiProblem, invalidFields } from './errors.ts';
import type { HttpEnv } from './http-env.ts';
import { mediaType, parseJson, readJson, validate } from './read-request.ts';

export const NDJSON = 'application/x-ndjson';

// JSON is in memory as a whole, as bytes, as text and as objects, in the 128 MB that an isolate has; lines are not.
const MAX_JSON_BYTES = 10_000_000;

const wholeBody = z.strictObject({ documents: z.array(z.unknown()).min(1, 'has no documents') });

/** One of many documents. */
export const documentOfMany = z.strictObject({ id: documentId, ...documentBody.shape }).meta({ id: 'DocumentOfMany' });

/** The body of `POST …/documents`, but for NDJSON. */
export const manyDocumentsBody = z
  .strictObject({ documents: z.array(documentOfMany).min(1) })
  .meta({ id: 'ManyDocuments', description: 'At most 10,000,000 bytes; more takes application/x-ndjson.' });

export interface ManyLimits {
  maxDocuments: number;
  maxBytes: number;
  /** Of each document. */
  document: DocumentLimits;
}

/** One document of the request: what it says, or why it cannot be accepted. */
export type ReadItem = { index: number; line: number | null; id: string | null } & (
  | { input: DocumentInput; problem: null }
  | { input: null; problem: ApiProblem }
);

/** What was not read of the request, and why. */
export interface UnreadRest {
  line: number;
  problem: ApiProblem;
}

export interface ManyDocuments {
  items: AsyncGenerator<ReadItem>;
  /** Known once all items have been taken. */
  unread(): UnreadRest | null;
}

/**
 * The documents of the request in their order, each read when it is asked for. @throws ApiProblem for a request of
 * which nothing can be accepted: 400, 413 or 415
 */
export async function readManyDocuments(
  c: Context<HttpEnv>,
  namespace: string,
  limits: ManyLimits,
  deadline: Deadline,
): Promise<ManyDocuments> {
  const read = createItemReader(namespace, limits.document);
  switch (mediaType(c)) {
    case 'application/json':
      return { items: itemsOf(await readWhole(c, limits), read), unread: () => null };
    case NDJSON:
      return readLineByLine(c, limits, deadline, read);
    default:
      throw new ApiProblem('UNSUPPORTED_MEDIA_TYPE', `This route takes application/json or ${NDJSON}.`);
  }
}

/** Those that are documents; of every item it is noted that it was there, without its text. */
export async function* withInput(
  items: AsyncGenerator<ReadItem>,
  read: Omit<ReadItem, 'input'>[],
): AsyncGenerator<ManyItem> {
  for await (const { input, ...place } of items) {
    read.push(place);
    if (input !== null) yield { index: place.index, input };
  }
}

async function readWhole(c: Context<HttpEnv>, limits: ManyLimits): Promise<unknown[]> {
  refuseDeclaredLength(c, limits.maxBytes);
  const maxBytes = Math.min(MAX_JSON_BYTES, limits.maxBytes);
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) {
    const detail = `A request in JSON may have at most ${maxBytes} bytes; as ${NDJSON}, ${limits.maxBytes} (MAX_REQUEST_BYTES).`;
    throw new ApiProblem('BODY_TOO_LARGE', detail);
  }
  const isSet = maxBytes === limits.maxBytes;
  const { documents } = await readJson(c, wholeBody, maxBytes, isSet ? { setting: 'MAX_REQUEST_BYTES' } : {});
  if (documents.length > limits.maxDocuments) throw tooMany(limits);
  return documents;
}

async function* itemsOf(documents: unknown[], read: ItemReader): AsyncGenerator<ReadItem> {
  for (const [index, document] of documents.entries()) yield read({ index, line: null }, () => document);
}

function readLineByLine(c: Context<HttpEnv>, limits: ManyLimits, deadline: Deadline, read: ItemReader): ManyDocuments {
  refuseDeclaredLength(c, limits.maxBytes);
  const { body } = c.req.raw;
  if (body === null) throw noDocuments();
  let rest: UnreadRest | null = null;

  async function* items(stream: ReadableStream<Uint8Array>): AsyncGenerator<ReadItem> {
    const maxLineBytes = maxJsonBytes(limits.document);
    let index = 0;
    for await (const event of readLines(stream, { maxLineBytes, maxBytes: limits.maxBytes, deadline })) {
      if (event.kind === 'cut') {
        rest ??= { line: event.number, problem: event.by === 'size' ? tooLarge(limits) : tooLate() };
        return;
      }
      if (index === limits.maxDocuments) {
        // Read to its end all the same: many clients look at no answer before they have sent everything.
        rest ??= { line: event.number, problem: tooMany(limits) };
        continue;
      }
      const { bytes } = event;
      yield read({ index, line: event.number }, () => {
        if (bytes !== null) return parseJson(bytes);
        throw new ApiProblem(
          'BODY_TOO_LARGE',
          `A line may have at most ${maxLineBytes} bytes (by MAX_DOCUMENT_BYTES).`,
        );
      });
      index += 1;
    }
  }

  return { items: items(body), unread: () => rest };
}

type ItemReader = (place: { index: number; line: number | null }, parse: () => unknown) => ReadItem;

function createItemReader(namespace: string, limits: DocumentLimits): ItemReader {
  const seen = new Set<string>();
  return (place, parse) => {
    let id: string | null = null;
    try {
      const { id: givenId, ...described } = asObject(parse());
      id = readId(givenId);
      if (seen.has(id)) throw new ApiProblem('DUPLICATE_DOCUMENT_ID', `An earlier document has the id "${id}".`);
      seen.add(id);
      const document = documentOf(validate(documentBody, described), limits);
      return { ...place, id, input: { namespace, documentId: id, ...document }, problem: null };
    } catch (error) {
      if (error instanceof ApiProblem) return { ...place, id, input: null, problem: error };
      throw error;
    }
  };
}

function asObject(value: unknown): Record<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject) throw new ApiProblem('VALIDATION_FAILED', 'A document is an object with an id and content.');
  return { ...value };
}

function readId(given: unknown): string {
  if (given === undefined) throw invalidFields([{ pointer: '/id', detail: 'is missing' }]);
  const parsed = documentId.safeParse(given);
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues[0]?.message ?? 'is malformed';
  throw new ApiProblem('INVALID_DOCUMENT_ID', `The document id ${detail}.`, {
    fieldErrors: [{ pointer: '/id', detail }],
  });
}

function refuseDeclaredLength(c: Context<HttpEnv>, maxBytes: number): void {
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) throw tooLarge({ maxBytes });
}

export function noDocuments(): ApiProblem {
  return new ApiProblem('VALIDATION_FAILED', 'The request has no documents.');
}

function tooLarge({ maxBytes }: Pick<ManyLimits, 'maxBytes'>): ApiProblem {
  return new ApiProblem('BODY_TOO_LARGE', `A request may have at most ${maxBytes} bytes (MAX_REQUEST_BYTES).`);
}

function tooMany({ maxDocuments }: ManyLimits): ApiProblem {
  const detail = `A request may have at most ${maxDocuments} documents (MAX_DOCUMENTS_PER_REQUEST).`;
  return new ApiProblem('TOO_MANY_DOCUMENTS', detail);
}

function tooLate(): ApiProblem {
  return new ApiProblem('NOT_REACHED', 'The body did not come in time.', { retryAfterMs: 1_000 });
}
