import * as z from 'zod';
import { documentSchema as documentView } from '../src/http/document-view.ts';
import { problemSchema } from '../src/http/errors.ts';
import { reconciliationSchema as reconciliationView } from '../src/http/reconciliation-view.ts';
import { fail, type Result, succeed } from '../src/result.ts';

// Only what the commands use, and loosely: a Vigil of another version may have more to say.
const documentSchema = documentView.pick({ id: true, state: true, processing: true, failed: true, outcome: true });
export type ApiDocument = z.infer<typeof documentSchema>;

const reconciliationSchema = reconciliationView.pick({
  id: true,
  state: true,
  phase: true,
  stores: true,
  unrepaired: true,
  advice: true,
});
export type ApiReconciliation = z.infer<typeof reconciliationSchema>;

const startedSchema = z.object({ id: z.string() });

const passageSchema = z.object({
  n: z.number(),
  documentId: z.string(),
  title: z.string().nullable(),
  score: z.number(),
  ranks: z.object({ vector: z.number().nullable(), lexical: z.number().nullable() }),
});

const madeFrom = {
  passages: z.array(passageSchema),
  cache: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  servedBy: z.object({ retrieval: z.string().nullable(), generation: z.string().nullish() }),
  degraded: z.array(z.object({ step: z.string(), reason: z.string() })),
  timings: z.record(z.string(), z.number().nullable()),
};

const searchSchema = z.object(madeFrom);
export type ApiSearch = z.infer<typeof searchSchema>;

const answerSchema = z.object({
  ...madeFrom,
  answer: z.string().nullable(),
  refused: z.boolean(),
  reason: z.string().nullable(),
  citations: z.array(
    z.object({
      n: z.number(),
      documentId: z.string(),
      title: z.string().nullable(),
      url: z.string().nullable(),
      quote: z.string().nullable(),
    }),
  ),
  usage: z.object({ costUsd: z.number() }),
});
export type ApiAnswer = z.infer<typeof answerSchema>;

export type ApiFailure =
  | ({ kind: 'problem' } & z.infer<typeof problemSchema>)
  | { kind: 'unreachable'; url: string; message: string }
  /** Something answered, but not as Vigil does. */
  | { kind: 'foreign'; url: string; status: number; message: string; retryAfterMs: number | null };

/** A parsed answer together with the JSON it was parsed from. */
export interface Parsed<T> {
  value: T;
  raw: unknown;
}
export type ApiResult<T> = Promise<Result<Parsed<T>, ApiFailure>>;

export interface NewDocument {
  id: string;
  body: Uint8Array<ArrayBuffer> | string;
  contentType: string;
  title?: string;
}

export interface SearchRequest {
  question: string;
  topK: number;
  retrieval: 'hybrid' | 'vector' | 'lexical';
  cache: 'default' | 'no-store' | 'reload';
}

export interface ApiClient {
  putDocument(namespace: string, document: NewDocument): ApiResult<ApiDocument>;
  getDocument(namespace: string, id: string): ApiResult<ApiDocument>;
  search(namespace: string, request: SearchRequest): ApiResult<ApiSearch>;
  answer(namespace: string, question: string): ApiResult<ApiAnswer>;
  startReconciliation(order: { namespace: string | null; force: boolean }): ApiResult<{ id: string }>;
  getReconciliation(id: string): ApiResult<ApiReconciliation>;
}

export interface Connection {
  url: string;
  key: string;
}

const REQUEST_TIMEOUT_MS = 60_000;

/** A client of any Vigil's HTTP API; `signal` ends whatever it is doing. */
export function createApiClient(connection: Connection, signal?: AbortSignal): ApiClient {
  const call = <T>(schema: z.ZodType<T>, path: string, init: RequestInit) =>
    callApi(schema, new URL(path, connection.url), { ...init, key: connection.key, signal });
  const post = <T>(schema: z.ZodType<T>, path: string, body: unknown) =>
    call(schema, path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  return {
    putDocument: (namespace, { id, body, contentType, title }) => {
      const query = title === undefined ? '' : `?${new URLSearchParams({ title })}`;
      const headers = { 'content-type': contentType };
      return call(documentSchema, `${documentPath(namespace, id)}${query}`, { method: 'PUT', headers, body });
    },
    getDocument: (namespace, id) => call(documentSchema, documentPath(namespace, id), {}),
    search: (namespace, request) => post(searchSchema, `${namespacePath(namespace)}/search`, request),
    startReconciliation: (order) => post(startedSchema, '/v1/admin/reconciliations', order),
    getReconciliation: (id) => call(reconciliationSchema, `/v1/admin/reconciliations/${encodeURIComponent(id)}`, {}),
    answer: (namespace, question) => post(answerSchema, `${namespacePath(namespace)}/answer`, { question }),
  };
}

/** A failure as one or more lines for a person. */
export function describeFailure(failure: ApiFailure): string {
  switch (failure.kind) {
    case 'unreachable':
      return `Nothing answers at ${failure.url} (${failure.message}).`;
    case 'foreign':
      return `${failure.url} answered ${failure.status}, but not as Vigil does: ${failure.message}`;
    case 'problem': {
      const fields = failure.errors.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`).join('');
      return `${failure.status} ${failure.code}: ${failure.detail} (request ${failure.requestId})${fields}`;
    }
  }
}

type ApiRequest = Omit<RequestInit, 'signal'> & { key: string; signal: AbortSignal | undefined };

async function callApi<T>(schema: z.ZodType<T>, url: URL, request: ApiRequest): ApiResult<T> {
  const { key, signal, ...init } = request;
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${key}`);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, headers, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    return fail({ kind: 'unreachable', url: url.origin, message: rootMessage(error) });
  }
  const raw = parseJson(text);
  if (!response.ok) return fail(problemOf(raw, url, response, text));
  const parsed = schema.safeParse(raw);
  if (parsed.success) return succeed({ value: parsed.data, raw });
  return fail({
    kind: 'foreign',
    url: url.origin,
    status: response.status,
    message: z.prettifyError(parsed.error),
    retryAfterMs: null,
  });
}

function problemOf(raw: unknown, url: URL, response: Response, text: string): ApiFailure {
  const problem = problemSchema.safeParse(raw);
  if (problem.success) return { kind: 'problem', ...problem.data };
  // The platform's own refusals carry the header alone.
  const retryAfterSeconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  return {
    kind: 'foreign',
    url: url.origin,
    status: response.status,
    message: text.slice(0, 200),
    retryAfterMs: Number.isNaN(retryAfterSeconds) ? null : retryAfterSeconds * 1000,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch says only "fetch failed"; what happened is in its cause. */
function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof AggregateError) return rootMessage(error.cause.errors[0]);
  return error.cause === undefined ? error.message : rootMessage(error.cause);
}

function namespacePath(namespace: string): string {
  return `/v1/namespaces/${encodeURIComponent(namespace)}`;
}

function documentPath(namespace: string, id: string): string {
  return `${namespacePath(namespace)}/documents/${encodeURIComponent(id)}`;
}
