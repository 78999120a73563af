import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemSchema } from '../src/http/errors.ts';
import { PROBLEMS } from '../src/http/problem-codes.ts';
import { startVigil, TEST_KEY, type VigilUnderTest } from './support/vigil-under-test.ts';

let vigil: VigilUnderTest;

beforeAll(async () => {
  vigil = await startVigil();
}, 60_000);
afterAll(() => vigil.close());

const json = { 'content-type': 'application/json' };
const markdown = { 'content-type': 'text/markdown' };
const answer = '/v1/namespaces/docs/answer';
const document = '/v1/namespaces/docs/documents/guide.md';

function ask(body: unknown, headers: Record<string, string> = json): RequestInit {
  return { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function put(body: BodyInit, headers: Record<string, string> = markdown): RequestInit {
  return { method: 'PUT', headers, body };
}

async function expectProblem(path: string, init: RequestInit, code: keyof typeof PROBLEMS) {
  const response = await vigil.fetch(path, init);
  const body = await response.text();
  expect(response.headers.get('content-type'), body).toBe('application/problem+json');
  const problem = problemSchema.parse(JSON.parse(body));
  expect(problem).toMatchObject({ code, status: PROBLEMS[code].status });
  expect(response.status).toBe(PROBLEMS[code].status);
  expect(problem.detail.length).toBeGreaterThan(10);
  expect(problem.requestId).toBe(response.headers.get('x-request-id'));
  expect(problem.requestId).toMatch(/^[0-9A-Z]{26}$/);
  return problem;
}

describe('a question', () => {
  test.each<[string, RequestInit, keyof typeof PROBLEMS]>([
    ['an empty question', ask({ question: '' }), 'VALIDATION_FAILED'],
    ['a question of spaces and controls', ask({ question: ' \u0000 \n\t ' }), 'VALIDATION_FAILED'],
    ['a question that is too long', ask({ question: 'a'.repeat(2_001) }), 'VALIDATION_FAILED'],
    ['no question', ask({}), 'VALIDATION_FAILED'],
    ['a question that is a number', ask({ question: 7 }), 'VALIDATION_FAILED'],
    ['an unknown field', ask({ question: 'a', stream: true }), 'VALIDATION_FAILED'],
    ['topK of zero', ask({ question: 'a', topK: 0 }), 'VALIDATION_FAILED'],
    ['topK beyond 50', ask({ question: 'a', topK: 51 }), 'VALIDATION_FAILED'],
    ['topK as text', ask({ question: 'a', topK: '5' }), 'VALIDATION_FAILED'],
    ['an unknown retrieval', ask({ question: 'a', retrieval: 'magic' }), 'VALIDATION_FAILED'],
    ['a list as body', ask([]), 'VALIDATION_FAILED'],
    ['null as body', ask('null'), 'VALIDATION_FAILED'],
    ['cut JSON', ask('{"question": "a'), 'INVALID_JSON'],
    ['an empty body', ask(''), 'INVALID_JSON'],
    [
      'a body of broken UTF-8',
      { method: 'POST', headers: json, body: new Uint8Array([0x7b, 0xff, 0x7d]) },
      'INVALID_JSON',
    ],
    ['a body in plain text', ask('{"question": "a"}', { 'content-type': 'text/plain' }), 'UNSUPPORTED_MEDIA_TYPE'],
    ['a body of 200 KB', ask({ question: 'a'.repeat(200_000) }), 'BODY_TOO_LARGE'],
    ['GET', { method: 'GET' }, 'METHOD_NOT_ALLOWED'],
  ])('with %s is refused', async (_, init, code) => {
    await expectProblem(answer, init, code);
  });

  test('with a mistyped field names it and suggests the right one', async () => {
    const problem = await expectProblem(answer, ask({ question: 'a', top_k: 3 }), 'VALIDATION_FAILED');
    expect(problem.errors).toEqual([{ pointer: '/top_k', detail: 'is not a known field; did you mean "topK"?' }]);
  });

  test('to a namespace that was never written to is 404', async () => {
    await expectProblem('/v1/namespaces/nowhere/answer', ask({ question: 'Anything?' }), 'NAMESPACE_NOT_FOUND');
    await expectProblem('/v1/namespaces/nowhere/search', ask({ question: 'Anything?' }), 'NAMESPACE_NOT_FOUND');
  });

  test.each(['Docs', '-docs', 'a'.repeat(64), '..%2freset', 'x%3fy', 'd%00', 'dоcs', '%zz', "a'--", 'a b'])(
    'to the namespace %s is refused',
    async (namespace) => {
      await expectProblem(`/v1/namespaces/${namespace}/answer`, ask({ question: 'a' }), 'INVALID_NAMESPACE');
    },
  );
});

describe('a key', () => {
  test.each([
    ['missing', ''],
    ['of another scheme', `Basic ${TEST_KEY}`],
    ['wrong in its last character', `Bearer ${TEST_KEY.slice(0, -1)}X`],
    ['cut short', `Bearer ${TEST_KEY.slice(0, -1)}`],
    ['followed by more', `Bearer ${TEST_KEY}X`],
    ['empty', 'Bearer '],
  ])('%s is refused on every route', async (_, authorization) => {
    for (const [path, init] of [
      [answer, ask({ question: 'a' })],
      ['/v1/namespaces/docs/search', ask({ question: 'a' })],
      [document, put('text')],
      [document, { method: 'GET' }],
      [document, { method: 'DELETE' }],
      ['/metrics', { method: 'GET' }],
    ] as const) {
      await expectProblem(path, { ...init, headers: { ...init.headers, authorization } }, 'UNAUTHENTICATED');
    }
  });
});

describe('a document', () => {
  test.each<[string, RequestInit, keyof typeof PROBLEMS]>([
    ['no content type', { method: 'PUT', body: new Uint8Array([97]) }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['an unsupported type', put('x', { 'content-type': 'application/pdf' }), 'UNSUPPORTED_MEDIA_TYPE'],
    ['no words', put('---\n\n***\n'), 'DOCUMENT_EMPTY'],
    ['no bytes', put(''), 'DOCUMENT_EMPTY'],
    ['bytes that are no UTF-8', put(new Uint8Array([0xff, 0xfe, 0x00])), 'DOCUMENT_UNREADABLE'],
    ['an unknown charset', put('a', { 'content-type': 'text/plain; charset=klingon' }), 'DOCUMENT_UNREADABLE'],
    ['a NUL character', put('a\0b'), 'DOCUMENT_UNREADABLE'],
    ['more bytes than allowed', put('a'.repeat(2_000_001)), 'BODY_TOO_LARGE'],
    ['an unknown field', put('{"content": "a", "contents": "b"}', json), 'VALIDATION_FAILED'],
    ['no content', put('{}', json), 'VALIDATION_FAILED'],
    ['a URL that is none', put('{"content": "a", "url": "javascript:alert(1)"}', json), 'VALIDATION_FAILED'],
    ['metadata that is nested', put('{"content": "a", "metadata": {"a": {"b": 1}}}', json), 'VALIDATION_FAILED'],
    [
      'metadata that is large',
      put(
        JSON.stringify({ content: 'a', metadata: { a: 'x'.repeat(900), b: 'x'.repeat(900), c: 'x'.repeat(900) } }),
        json,
      ),
      'VALIDATION_FAILED',
    ],
    ['cut JSON', put('{"content": ', json), 'INVALID_JSON'],
    ['POST', { method: 'POST', headers: markdown, body: 'a' }, 'METHOD_NOT_ALLOWED'],
  ])('with %s is refused', async (_, init, code) => {
    await expectProblem(document, init, code);
  });

  test.each([
    'a%2F..%2Fb',
    'a%2F%2Fb',
    '%2Fa',
    'a%2F',
    'a%00b',
    'a%0Ab',
    'a%E2%80%AEb',
    'a'.repeat(513),
    '%ff',
    'a%zz',
  ])('with the id %s is refused', async (id) => {
    await expectProblem(`/v1/namespaces/docs/documents/${id}`, put('text'), 'INVALID_DOCUMENT_ID');
  });

  test('with a raw slash in its id is 404 and says how to encode it', async () => {
    const problem = await expectProblem('/v1/namespaces/docs/documents/guide/start.md', put('text'), 'NOT_FOUND');
    expect(problem.detail).toContain('%2F');
  });

  test('that was never put here is 404', async () => {
    await expectProblem('/v1/namespaces/docs/documents/never.md', { method: 'GET' }, 'DOCUMENT_NOT_FOUND');
    await expectProblem('/v1/namespaces/docs/documents/never.md', { method: 'DELETE' }, 'DOCUMENT_NOT_FOUND');
  });
});

test('every code leads to a page that explains it', async () => {
  const problem = await expectProblem('/nothing/here', { method: 'GET' }, 'NOT_FOUND');
  const page = await vigil.fetch(new URL(problem.type).pathname);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('NOT_FOUND');
  await expectProblem('/errors/NO_SUCH_CODE', { method: 'GET' }, 'NOT_FOUND');
});

test('the OpenAPI document lists every route with its schemas', async () => {
  const response = await vigil.fetch('/openapi.json');
  // Parsed below by what is expected of it.
  const openapi = (await response.json()) as { openapi: string; paths: Record<string, Record<string, unknown>> };
  expect(openapi.openapi).toBe('3.1.0');
  const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(operations.sort()).toEqual([
    'delete /v1/namespaces/{namespace}/documents/{id}',
    'get /v1/namespaces/{namespace}/documents/{id}',
    'post /v1/namespaces/{namespace}/answer',
    'post /v1/namespaces/{namespace}/search',
    'put /v1/namespaces/{namespace}/documents/{id}',
  ]);
  const text = JSON.stringify(openapi);
  for (const schema of ['Answer', 'SearchResult', 'Document', 'Problem', 'AnswerRequest']) {
    expect(text).toContain(`"#/components/schemas/${schema}"`);
  }
});
