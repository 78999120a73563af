import type { Context } from 'hono';
import * as z from 'zod';
import type { HttpEnv } from './http-env.ts';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';

export interface FieldError {
  /** RFC 6901 pointer into the body, or `?name` for a query parameter. */
  pointer: string;
  detail: string;
}

/** Thrown by handlers for a request that cannot be served; the app's error handler answers with it. */
export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly fieldErrors: FieldError[];
  readonly retryAfterMs: number | null;
  readonly headers: Record<string, string>;

  constructor(
    code: ProblemCode,
    detail: string,
    extra: { fieldErrors?: FieldError[]; retryAfterMs?: number; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.code = code;
    this.fieldErrors = extra.fieldErrors ?? [];
    this.retryAfterMs = extra.retryAfterMs ?? null;
    this.headers = extra.headers ?? {};
  }
}

/** What nobody reads to its end; a body of some megabytes can have a hundred thousand wrong fields. */
export const MAX_FIELD_ERRORS = 100;

/** Refuses the fields that do not fit, naming the first 100; the detail names the first for those who read no further. */
export function invalidFields(allErrors: FieldError[], code: ProblemCode = 'VALIDATION_FAILED'): ApiProblem {
  const fieldErrors = allErrors.slice(0, MAX_FIELD_ERRORS);
  const [first] = fieldErrors;
  const detail = first ? `${first.pointer}: ${first.detail}` : 'The request is malformed.';
  return new ApiProblem(code, detail, { fieldErrors });
}

/** RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
    retryAfterMs: z.number().nullable(),
  })
  .meta({ id: 'Problem' });

/** Whatever was thrown, as a problem; what is none is a defect, and logged as one. */
export function asProblem(error: unknown, requestId: string): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const event = {
    event: 'bug',
    where: requestId,
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
  };
  // Services may be what failed, so this line cannot go through them.
  console.error(JSON.stringify(event));
  return new ApiProblem('INTERNAL', 'The request failed because of a defect. It was logged under this request id.');
}

/** The only place where an error becomes a response. */
export function problemResponse(c: Context<HttpEnv>, problem: ApiProblem): Response {
  const { status } = PROBLEMS[problem.code];
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': c.var.requestId,
    ...problem.headers,
  });
  if (problem.retryAfterMs !== null) headers.set('retry-after', String(Math.ceil(problem.retryAfterMs / 1000)));
  const body = viewProblem(c, problem);
  c.set('problemCode', problem.code);
  return new Response(JSON.stringify(body), { status, headers });
}

/** A problem as an object: the body of a response, or what is said of one document among many. */
export function viewProblem(c: Context<HttpEnv>, problem: ApiProblem): z.infer<typeof problemSchema> {
  const { status, title } = PROBLEMS[problem.code];
  return {
    type: new URL(`/errors/${problem.code}`, c.req.url).href,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    requestId: c.var.requestId,
    errors: problem.fieldErrors,
    retryAfterMs: problem.retryAfterMs,
  };
}
