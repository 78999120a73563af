/** Every code a problem object can carry: its status, its title, and what to do about it. One table for answers and docs. */
export const PROBLEMS = {
  INVALID_JSON: {
    status: 400,
    title: 'The body is not JSON',
    advice: 'Send a JSON object with Content-Type application/json.',
  },
  VALIDATION_FAILED: {
    status: 400,
    title: 'The request does not fit the schema',
    advice: 'See `errors` for each field; /openapi.json has the whole schema.',
  },
  INVALID_NAMESPACE: {
    status: 400,
    title: 'The namespace name is not allowed',
    advice: 'Use 1 to 63 characters: a-z, 0-9, _ and -, beginning with a letter or digit.',
  },
  INVALID_DOCUMENT_ID: {
    status: 400,
    title: 'The document id is not allowed',
    advice:
      'Use 1 to 512 bytes of UTF-8 without control characters and without empty, `.` or `..` segments, as one encodeURIComponent path segment.',
  },
  DUPLICATE_DOCUMENT_ID: {
    status: 400,
    title: 'The request has this document twice',
    advice: 'Only the first one counts: send each id once, or the second one in another request.',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'No valid key was given',
    advice: 'Send Authorization: Bearer vgl_sk_… with a key of this deployment.',
  },
  NOT_FOUND: { status: 404, title: 'There is nothing at this address', advice: 'See /openapi.json for the routes.' },
  NAMESPACE_NOT_FOUND: {
    status: 404,
    title: 'This namespace does not exist',
    advice: 'The first PUT of a document creates its namespace. Or it was deleted.',
  },
  DOCUMENT_NOT_FOUND: {
    status: 404,
    title: 'This document does not exist',
    advice: 'It was never put here, or its deletion is complete.',
  },
  INGESTION_NOT_FOUND: {
    status: 404,
    title: 'This ingestion does not exist here',
    advice: 'Ask in its own namespace, and within a week; documents can always be asked for themselves.',
  },
  DEPENDENCY_NOT_FOUND: {
    status: 404,
    title: 'This deployment has no such dependency',
    advice: 'The detail lists their names; so does /health/ready with a key.',
  },
  QUOTA_EXCEEDED: {
    status: 409,
    title: 'The namespace is full',
    advice:
      'The detail names the quota. Delete documents (they count until nothing is left of them), or raise it with PUT on the namespace.',
  },
  RECONCILIATION_NOT_FOUND: {
    status: 404,
    title: 'There is no such reconciliation',
    advice: 'GET /v1/admin/reconciliations lists the last ones.',
  },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not take that method', advice: 'See the Allow header.' },
  RECONCILIATION_RUNNING: {
    status: 409,
    title: 'A reconciliation is running',
    advice: 'There is one at a time. The detail has the address of its report.',
  },
  NOTHING_TO_RETRY: {
    status: 409,
    title: 'The document has nothing to try again',
    advice: 'It is ready, and every store has it.',
  },
  CURSOR_STALE: {
    status: 409,
    title: 'The document has changed since the first page',
    advice: 'Begin again without the cursor.',
  },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', advice: 'The detail names the limit in bytes.' },
  TOO_MANY_DOCUMENTS: {
    status: 413,
    title: 'The request has too many documents',
    advice: 'The detail names the limit; send the rest in another request.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'This content type is not accepted here',
    advice: 'The detail lists the accepted types.',
  },
  DOCUMENT_EMPTY: {
    status: 422,
    title: 'The document has no words',
    advice: 'Nothing in it could be found by a search; send text.',
  },
  DOCUMENTS_REFUSED: {
    status: 422,
    title: 'None of the documents can be accepted',
    advice: 'See `errors` for what is wrong with each.',
  },
  DOCUMENT_UNREADABLE: {
    status: 422,
    title: 'The document is not what its type says',
    advice: 'Send text as UTF-8 (or name the charset in Content-Type), and a file with its own content type.',
  },
  SOURCE_FORBIDDEN: {
    status: 422,
    title: 'This address is not read',
    advice: 'Give an http or https address on the public internet, without user name, password or a port of its own.',
  },
  DOCUMENT_NOT_INGESTIBLE: {
    status: 422,
    title: 'The document could not be ingested',
    advice: 'The detail says what its ingestion would fail with.',
  },
  DRY_RUN_UNAVAILABLE: {
    status: 503,
    title: 'It cannot be said now what the document would come to',
    advice: 'The detail names who did not answer. Try again after Retry-After.',
  },
  METADATA_TOO_LARGE: {
    status: 422,
    title: 'The document would have too much metadata',
    advice: 'The detail names the limit. In a PATCH, `null` removes a key.',
  },
  RATE_LIMITED: { status: 429, title: 'Too many requests', advice: 'Wait for Retry-After, then try again.' },
  INGESTION_OVERLOADED: {
    status: 429,
    title: 'More documents wait to be ingested than may',
    advice: 'Nothing was accepted. Wait for Retry-After, then send the rest more slowly.',
  },
  INTERNAL: {
    status: 500,
    title: 'Vigil failed in a way it should not',
    advice: 'Report the request id: the log has an event `bug` with it.',
  },
  CONFIG_INVALID: {
    status: 503,
    title: 'This deployment is not configured correctly',
    advice: 'The detail names the keys to set; values are never shown.',
  },
  RETRIEVAL_UNAVAILABLE: {
    status: 503,
    title: 'No index could be searched',
    advice: 'The detail names each step that failed. Try again after Retry-After.',
  },
  GENERATION_INTERRUPTED: {
    status: 503,
    title: 'The model ended in the middle of the answer',
    advice: 'What was streamed of it is not whole. Ask again: it is made anew, by another model if need be.',
  },
  SOURCES_CHANGED: {
    status: 409,
    title: 'A document changed while the answer was streamed from it',
    advice: 'Discard what was streamed, and ask again.',
  },
  CLIENT_LEFT: {
    status: 499,
    title: 'The client has left',
    advice: 'Nobody reads this but in the log: the request was closed before its answer was there.',
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    title: 'The document store could not be reached',
    advice: 'What was asked may have been done or not. Sending it again after Retry-After does no harm.',
  },
  NOT_REACHED: {
    status: 503,
    title: 'Time ran out before this document was reached',
    advice: 'It was not accepted. Send it again after Retry-After, or fewer at once.',
  },
  INGESTION_NOT_RECORDED: {
    status: 503,
    title: 'What became of the documents could not be written down',
    advice: 'Send the same request again after Retry-After: what was accepted already answers `unchanged`.',
  },
} as const satisfies Record<string, { status: number; title: string; advice: string }>;

export type ProblemCode = keyof typeof PROBLEMS;
