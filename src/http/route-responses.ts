import type * as z from 'zod';
import { problemSchema } from './errors.ts';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';

export const header = (description: string, type: 'string' | 'integer' = 'string') => ({
  description,
  schema: { type },
});
type Headers = Record<string, ReturnType<typeof header>>;

const REQUEST_ID: Headers = { 'X-Request-Id': header('Names this request in the log.') };
export const RETRY_AFTER: Headers = { 'Retry-After': header('Seconds to wait before trying again.', 'integer') };
export const LOCATION: Headers = { Location: header('The address of the document, where its state can be read.') };

export const NAMESPACE_LOCATION: Headers = {
  Location: header('The address of the namespace, whose `documents.deleting` counts down.'),
};
export const INGESTION_LOCATION: Headers = {
  Location: header('The address of the ingestion, where the states of its documents can be read.'),
};

const HEADERS_BY_STATUS: Record<number, Headers> = {
  401: { 'WWW-Authenticate': header('`Bearer realm="vigil"`') },
  405: { Allow: header('The methods this address takes.') },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
};

/** How a route without a key can fail. */
export const OPEN_PROBLEMS = ['METHOD_NOT_ALLOWED', 'INTERNAL'] as const;
export const KEYED_PROBLEMS = [...OPEN_PROBLEMS, 'UNAUTHENTICATED', 'RATE_LIMITED', 'CONFIG_INVALID'] as const;
export const QUESTION_PROBLEMS = [
  ...KEYED_PROBLEMS,
  'INVALID_JSON',
  'VALIDATION_FAILED',
  'INVALID_NAMESPACE',
  'NAMESPACE_NOT_FOUND',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'RETRIEVAL_UNAVAILABLE',
] as const;
export const DOCUMENT_PROBLEMS = [
  ...KEYED_PROBLEMS,
  'VALIDATION_FAILED',
  'INVALID_NAMESPACE',
  'INVALID_DOCUMENT_ID',
  // A raw slash in the id leads to no route.
  'NOT_FOUND',
  'STORAGE_UNAVAILABLE',
] as const;

/** How a list of a namespace can fail. */
export const LIST_PROBLEMS = [
  ...KEYED_PROBLEMS,
  'VALIDATION_FAILED',
  'INVALID_NAMESPACE',
  'STORAGE_UNAVAILABLE',
] as const;
export const MANY_PROBLEMS = [
  ...LIST_PROBLEMS,
  'INVALID_JSON',
  'INVALID_DOCUMENT_ID',
  'DUPLICATE_DOCUMENT_ID',
  'BODY_TOO_LARGE',
  'TOO_MANY_DOCUMENTS',
  'UNSUPPORTED_MEDIA_TYPE',
  'DOCUMENT_EMPTY',
  'DOCUMENT_UNREADABLE',
  'SOURCE_FORBIDDEN',
  'METADATA_TOO_LARGE',
  'DOCUMENTS_REFUSED',
  'DRY_RUN_UNAVAILABLE',
  'QUOTA_EXCEEDED',
  'INGESTION_OVERLOADED',
  'NOT_REACHED',
  'INGESTION_NOT_RECORDED',
] as const;

/** What a route answers besides a problem, for its OpenAPI entry. */
export function response(description: string, mediaType: string, schema: z.ZodType, headers: Headers = {}) {
  return { description, headers: { ...REQUEST_ID, ...headers }, content: { [mediaType]: { schema } } };
}

/** What a route may answer besides success, for its OpenAPI entry. */
export function problemResponses(...codes: ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, statusCodes]) => [
      status,
      response(
        statusCodes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
        'application/problem+json',
        problemSchema,
        HEADERS_BY_STATUS[status],
      ),
    ]),
  );
}
