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
  UNAUTHENTICATED: {
    status: 401,
    title: 'No valid key was given',
    advice: 'Send Authorization: Bearer vgl_sk_… with a key of this deployment.',
  },
  NOT_FOUND: { status: 404, title: 'There is nothing at this address', advice: 'See /openapi.json for the routes.' },
  NAMESPACE_NOT_FOUND: {
    status: 404,
    title: 'This namespace does not exist',
    advice: 'The first PUT of a document creates its namespace.',
  },
  DOCUMENT_NOT_FOUND: {
    status: 404,
    title: 'This document does not exist',
    advice: 'It was never put here, or its deletion is complete.',
  },
  DEPENDENCY_NOT_FOUND: {
    status: 404,
    title: 'This deployment has no such dependency',
    advice: 'The detail lists their names; so does /health/ready with a key.',
  },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not take that method', advice: 'See the Allow header.' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', advice: 'The detail names the limit in bytes.' },
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
  RATE_LIMITED: { status: 429, title: 'Too many requests', advice: 'Wait for Retry-After, then try again.' },
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
  STORAGE_UNAVAILABLE: {
    status: 503,
    title: 'The document store could not be reached',
    advice: 'Nothing was accepted. Try again after Retry-After.',
  },
} as const satisfies Record<string, { status: number; title: string; advice: string }>;

export type ProblemCode = keyof typeof PROBLEMS;
