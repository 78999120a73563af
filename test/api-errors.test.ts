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

// Other people's namespaces, if one of these were taken for `docs` or became part of a URL or a statement.
const HOSTILE_NAMESPACES = [
  'Docs',
  '-docs',
  'a'.repeat(64),
  'a'.repeat(8_000),
  '..%2freset',
  '..%2F..%2Freset%3Fall',
  '%252e%252e',
  'x%3fy',
  'x%23y',
  'd%00',
  'docs%00',
  'docs%0A',
  'docs%20',
  '%20docs',
  'dоcs',
  '%EF%BD%84%EF%BD%8F%EF%BD%83%EF%BD%93',
  'docs%E2%80%8B',
  'do%CC%81cs',
  '%C5%BFocs',
  '%zz',
  "a'--",
  '%22docs%22',
  'docs%5C',
  'docs%60',
  'docs;drop',
  'docs:other',
  '*',
  'a b',
];

const LARGE_METADATA = { a: 'x'.repeat(900), b: 'x'.repeat(900), c: 'x'.repeat(900) };

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
    ['a question that is too long once normalised', ask({ question: '\ufdfa'.repeat(2_000) }), 'VALIDATION_FAILED'],
    ['a question mark alone', ask({ question: '?' }), 'VALIDATION_FAILED'],
    ['a question of zero-width characters', ask({ question: '\u200b\u200d\ufeff' }), 'VALIDATION_FAILED'],
    ['half a surrogate pair', ask('{"question": "what is \\ud800"}'), 'VALIDATION_FAILED'],
    ['the field __proto__', ask('{"question": "a", "__proto__": {"topK": 1}}'), 'VALIDATION_FAILED'],
    ['the field constructor', ask({ question: 'a', constructor: 1 }), 'VALIDATION_FAILED'],
    ['no question', ask({}), 'VALIDATION_FAILED'],
    ['a question that is a number', ask({ question: 7 }), 'VALIDATION_FAILED'],
    ['an unknown field', ask({ question: 'a', tone: 'kind' }), 'VALIDATION_FAILED'],
    ['a stream that is text', ask({ question: 'a', stream: 'true' }), 'VALIDATION_FAILED'],
    ['no question under its name', ask({ messages: [] }), 'VALIDATION_FAILED'],
    ['topK of zero', ask({ question: 'a', topK: 0 }), 'VALIDATION_FAILED'],
    ['topK beyond 100', ask({ question: 'a', topK: 101 }), 'VALIDATION_FAILED'],
    ['topK as text', ask({ question: 'a', topK: '5' }), 'VALIDATION_FAILED'],
    ['an unknown retrieval', ask({ question: 'a', retrieval: 'magic' }), 'VALIDATION_FAILED'],
    ['a filter that is text', ask({ question: 'a', filter: "lang = 'en'" }), 'VALIDATION_FAILED'],
    ['an empty filter', ask({ question: 'a', filter: {} }), 'VALIDATION_FAILED'],
    [
      'a filter nested without end',
      ask(`{"question": "a", "filter": ${'{"not":'.repeat(9_000)}1${'}'.repeat(9_000)}}`),
      'VALIDATION_FAILED',
    ],
    [
      'a filter of too many conditions',
      ask({ question: 'a', filter: { or: Array.from({ length: 33 }, (_, n) => ({ n })) } }),
      'VALIDATION_FAILED',
    ],
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

  test.each([
    ['no words', '?!', 'has no words'],
    ['half a surrogate pair', '\udfff a', 'is not well-formed Unicode'],
    ['more characters than allowed', '\ufdfa'.repeat(2_000), 'may have at most 2000 characters'],
  ])('with %s is told so', async (_, question, detail) => {
    const problem = await expectProblem(answer, ask({ question }), 'VALIDATION_FAILED');
    expect(problem.errors).toEqual([{ pointer: '/question', detail }]);
  });

  test.each(['C++?', '今日は', '🦕'])('of letters, numbers or symbols is taken: %s', async (question) => {
    await expectProblem('/v1/namespaces/nowhere/search', ask({ question }), 'NAMESPACE_NOT_FOUND');
  });

  const said = (content: string, role = 'user') => ({ role, content });
  const long = 'a'.repeat(2_001);
  test.each([
    ['beside a question', { question: 'a', messages: [said('a')] }, '/messages', 'beside `question`'],
    ['without a message', { messages: [] }, '/messages', 'at least one'],
    ['of too many messages', { messages: Array.from({ length: 51 }, () => said('a')) }, '/messages', 'at most 50'],
    ['that ends with an answer', { messages: [said('a'), said('b', 'assistant')] }, '/messages/1/role', 'the question'],
    ['that ends without words', { messages: [said('a'), said('?')] }, '/messages/1/content', 'has no words'],
    ['with too long a question', { messages: [said(long), said('a')] }, '/messages/0/content', 'at most 2000'],
    [
      'with a role nobody has',
      { messages: [said('a', 'system')] },
      '/messages/0/role',
      'must be "user" or "assistant"',
    ],
    ['with a mistyped role', { messages: [said('a', 'asistant')] }, '/messages/0/role', 'did you mean "assistant"?'],
    [
      'with a mistyped field',
      { messages: [{ role: 'user', contents: 'a' }] },
      '/messages/0/contents',
      'did you mean "content"?',
    ],
  ])('as a conversation %s is told so', async (_, body, pointer, detail) => {
    for (const path of [answer, '/v1/namespaces/docs/search']) {
      const problem = await expectProblem(path, ask(body), 'VALIDATION_FAILED');
      expect(problem.errors).toContainEqual({ pointer, detail: expect.stringContaining(detail) });
    }
  });

  test('as a conversation may have an answer longer than a question', async () => {
    const messages = [said('a'), said(long, 'assistant'), said('b')];
    await expectProblem(
      '/v1/namespaces/nowhere/search',
      ask({ messages, retrieval: 'lexical' }),
      'NAMESPACE_NOT_FOUND',
    );
  });

  test('is measured in characters, not in their encoding', async () => {
    await expectProblem(
      '/v1/namespaces/nowhere/search',
      ask({ question: `a${'🦕'.repeat(1_999)}`, retrieval: 'lexical' }),
      'NAMESPACE_NOT_FOUND',
    );
  });

  test('with a filter that is wrong is told where, and what was meant', async () => {
    const filter = { or: [{ year: { $gte: 2020 } }, { lang: ['en'] }], 'a b': 1 };
    const problem = await expectProblem(answer, ask({ question: 'a', filter }), 'VALIDATION_FAILED');
    expect(problem.errors).toEqual([
      { pointer: '/filter/or/0/year/$gte', detail: 'is not an operator; did you mean "gte"?' },
      { pointer: '/filter/or/1/lang', detail: expect.stringContaining('write {"in": […]}') },
      { pointer: '/filter/a b', detail: expect.stringContaining('is not a metadata key') },
    ]);
    expect(problem.detail).toContain('/filter/or/0/year/$gte');
    await expectProblem('/v1/namespaces/docs/search', ask({ question: 'a', filter }), 'VALIDATION_FAILED');
  });

  test('to a namespace that was never written to is 404', async () => {
    await expectProblem('/v1/namespaces/nowhere/answer', ask({ question: 'Anything?' }), 'NAMESPACE_NOT_FOUND');
    await expectProblem('/v1/namespaces/nowhere/search', ask({ question: 'Anything?' }), 'NAMESPACE_NOT_FOUND');
  });

  test.each(HOSTILE_NAMESPACES)('to the namespace %s is refused, on every route', async (namespace) => {
    for (const [route, init] of [
      ['answer', ask({ question: 'a' })],
      ['search', ask({ question: 'a' })],
      ['documents/guide.md', put('text')],
      ['documents/guide.md', { method: 'GET' }],
      ['documents/guide.md', { method: 'DELETE' }],
      ['documents/guide.md/chunks', { method: 'GET' }],
      ['documents/guide.md/retry', { method: 'POST' }],
      ['documents', { method: 'GET' }],
      ['documents', ask({ documents: [] })],
      ['retries', ask({})],
      ['ingestions/01K7ZQ4T9V8N6M2B5C3D1F0G7H', { method: 'GET' }],
    ] as const) {
      await expectProblem(`/v1/namespaces/${namespace}/${route}`, init, 'INVALID_NAMESPACE');
    }
  });
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
      [`${document}/chunks`, { method: 'GET' }],
      [`${document}/retry`, { method: 'POST' }],
      ['/v1/namespaces/docs/documents', { method: 'GET' }],
      ['/v1/namespaces/docs/documents', ask({ documents: [] })],
      ['/v1/namespaces/docs/retries', ask({})],
      ['/v1/namespaces/docs/ingestions/01K7ZQ4T9V8N6M2B5C3D1F0G7H', { method: 'GET' }],
      ['/metrics', { method: 'GET' }],
    ] as const) {
      await expectProblem(path, { ...init, headers: { ...init.headers, authorization } }, 'UNAUTHENTICATED');
    }
  });
});

describe('a change of a document', () => {
  const patch = (body: object) => ({ method: 'PATCH', headers: json, body: JSON.stringify(body) });

  test.each<[string, object, string, string]>([
    ['a field that is none', { titles: 'a' }, '/titles', 'is not a known field; did you mean "title"?'],
    ['no title', { title: null }, '/title', 'Invalid input: expected string, received null'],
    ['nested metadata', { metadata: { a: { b: 1 } } }, '/metadata/a', 'Invalid input'],
  ])('with %s is refused, and told where', async (_, body, pointer, detail) => {
    const problem = await expectProblem(document, patch(body), 'VALIDATION_FAILED');
    expect(problem.errors).toEqual([{ pointer, detail }]);
  });

  test('that is no JSON, or too large, or of no document, is refused', async () => {
    await expectProblem(document, { ...patch({}), headers: markdown }, 'UNSUPPORTED_MEDIA_TYPE');
    await expectProblem(document, patch({ title: 'a'.repeat(70_000) }), 'BODY_TOO_LARGE');
    await expectProblem('/v1/namespaces/docs/documents/never.md', patch({ title: 'a' }), 'DOCUMENT_NOT_FOUND');
  });

  test('or a document itself with too much metadata is refused with the same code, which names the limit', async () => {
    const path = '/v1/namespaces/docs/documents/described.md';
    expect((await vigil.fetch(path, put('A text.'))).status).toBe(202);
    const large = { metadata: LARGE_METADATA };
    const keys = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`key${n}`, n]));
    for (const init of [
      patch(large),
      patch({ metadata: keys }),
      put(JSON.stringify({ content: 'A text.', ...large }), json),
      put(JSON.stringify({ content: 'A text.', metadata: keys }), json),
    ]) {
      const problem = await expectProblem(path, init, 'METADATA_TOO_LARGE');
      expect(problem.detail).toContain('2048 bytes as JSON');
      expect(problem.errors.map(({ pointer }) => pointer)).toEqual(['/metadata']);
    }
  });
});

describe('a document', () => {
  test.each<[string, RequestInit, keyof typeof PROBLEMS]>([
    ['no content type', { method: 'PUT', body: new Uint8Array([97]) }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['an unsupported type', put('x', { 'content-type': 'image/png' }), 'UNSUPPORTED_MEDIA_TYPE'],
    ['bytes of no type', put('x', { 'content-type': 'application/octet-stream' }), 'UNSUPPORTED_MEDIA_TYPE'],
    ['a PDF that is none', put('x', { 'content-type': 'application/pdf' }), 'DOCUMENT_UNREADABLE'],
    ['a PDF that is said to be text', put('%PDF-1.7\n'), 'DOCUMENT_UNREADABLE'],
    ['control characters', put('a\x01\x02\x03b'), 'DOCUMENT_UNREADABLE'],
    ['no words', put('---\n\n***\n'), 'DOCUMENT_EMPTY'],
    ['no bytes', put(''), 'DOCUMENT_EMPTY'],
    ['bytes that are no UTF-8', put(new Uint8Array([0xff, 0xfe, 0x00])), 'DOCUMENT_UNREADABLE'],
    ['an unknown charset', put('a', { 'content-type': 'text/plain; charset=klingon' }), 'DOCUMENT_UNREADABLE'],
    ['a NUL character', put('a\0b'), 'DOCUMENT_UNREADABLE'],
    ['more bytes than allowed', put('a'.repeat(2_000_001)), 'BODY_TOO_LARGE'],
    ['an unknown field', put('{"content": "a", "contents": "b"}', json), 'VALIDATION_FAILED'],
    ['no content', put('{}', json), 'VALIDATION_FAILED'],
    ['a URL that is none', put('{"content": "a", "url": "javascript:alert(1)"}', json), 'VALIDATION_FAILED'],
    ['metadata with NUL', put('{"content": "a", "metadata": {"a": "b\\u0000"}}', json), 'VALIDATION_FAILED'],
    ['metadata of broken Unicode', put('{"content": "a", "metadata": {"a": ["\\ud800"]}}', json), 'VALIDATION_FAILED'],
    ['metadata under a path', put('{"content": "a", "metadata": {"a.b": 1}}', json), 'VALIDATION_FAILED'],
    ['metadata that is nested', put('{"content": "a", "metadata": {"a": {"b": 1}}}', json), 'VALIDATION_FAILED'],
    [
      'metadata that is large',
      put(JSON.stringify({ content: 'a', metadata: LARGE_METADATA }), json),
      'METADATA_TOO_LARGE',
    ],
    [
      'metadata that is large, and a wrong field',
      put(JSON.stringify({ content: 'a', contents: 'b', metadata: LARGE_METADATA }), json),
      'VALIDATION_FAILED',
    ],
    ['cut JSON', put('{"content": ', json), 'INVALID_JSON'],
    ['POST', { method: 'POST', headers: markdown, body: 'a' }, 'METHOD_NOT_ALLOWED'],
  ])('with %s is refused', async (_, init, code) => {
    await expectProblem(document, init, code);
  });

  test.each<[string, object, string, string]>([
    ['a newline in its title', { title: 'a\nb' }, '/title', 'has a control character'],
    ['a title that reverses the text after it', { title: 'a\u202eb' }, '/title', 'has a control character'],
    ['half a surrogate pair in its title', { title: 'a\ud800' }, '/title', 'is not well-formed Unicode'],
    ['a password in its URL', { url: 'https://u:p@x/' }, '/url', 'has a user name or password'],
    ['a user name in its URL', { url: 'https://u@x/' }, '/url', 'has a user name or password'],
    ['a control character in its URL', { url: 'https://x/\ta' }, '/url', 'has a control character'],
    ['a NUL in its metadata', { metadata: { a: 'x\0' } }, '/metadata/a', 'has a control character'],
    ['a NUL in a list of metadata', { metadata: { a: ['x', '\0'] } }, '/metadata/a/1', 'has a control character'],
    ['broken Unicode in its metadata', { metadata: { a: '\udc00' } }, '/metadata/a', 'is not well-formed Unicode'],
    [
      'a metadata key of other characters',
      { metadata: { 'a\nb': 1 } },
      '/metadata/a\nb',
      'is not a metadata key: 1 to 64 letters, digits and _',
    ],
    [
      'metadata under __proto__',
      { metadata: JSON.parse('{"a": 1, "__proto__": "x"}') },
      '/metadata/__proto__',
      'is not allowed as a key',
    ],
  ])('with %s is refused, and told where', async (_, fields, pointer, detail) => {
    const problem = await expectProblem(
      document,
      put(JSON.stringify({ content: 'text', ...fields }), json),
      'VALIDATION_FAILED',
    );
    expect(problem.errors).toEqual([{ pointer, detail }]);
  });

  test.each([
    ['title=%ff', '?title', 'is not valid percent-encoded UTF-8'],
    ['title=%zz', '?title', 'is not valid percent-encoded UTF-8'],
    ['title=a%0Ab', '?title', 'has a control character'],
    ['url=https://u:p@x/', '?url', 'has a user name or password'],
    ['titles=a', '?titles', 'is not a known field; did you mean "title"?'],
    ['__proto__=a', '?__proto__', 'is not a known field'],
    ['%ff=a', '?%ff', 'is not valid percent-encoded UTF-8'],
  ])('with the query %s is refused', async (query, pointer, detail) => {
    const problem = await expectProblem(`${document}?${query}`, put('text'), 'VALIDATION_FAILED');
    expect(problem.errors).toEqual([{ pointer, detail }]);
  });

  test('with an id of broken percent-encoding is told so', async () => {
    const problem = await expectProblem('/v1/namespaces/docs/documents/%ff', put('text'), 'INVALID_DOCUMENT_ID');
    expect(problem.detail).toBe('The document id is not valid percent-encoded UTF-8.');
  });

  test.each([
    'a%2F..%2Fb',
    'a%2F%2Fb',
    '%2Fa',
    'a%2F',
    'a%00b',
    'a%0Ab',
    'a%E2%80%AEb',
    'a%E2%80%8Fb',
    'a%D8%9Cb',
    'a%E2%80%8Bb',
    'a%EF%BB%BFb',
    'a%C2%ADb',
    'a%E2%80%A8b',
    'a'.repeat(513),
    'a'.repeat(8_000),
    '%E2%82%AC'.repeat(171),
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

describe('the OpenAPI document', () => {
  // Parsed below by what is expected of it.
  interface OpenApi {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, { properties: Record<string, object> }> };
  }
  interface Operation {
    security?: object[];
    parameters?: { name: string; schema: object }[];
    responses: Record<
      string,
      { description: string; headers?: Record<string, object>; content?: Record<string, object> }
    >;
  }
  let openapi: OpenApi;
  let operations: [string, Operation][];
  const find = (name: string) => operations.find(([given]) => given === name)?.[1];

  beforeAll(async () => {
    openapi = (await (await vigil.fetch('/openapi.json')).json()) as OpenApi;
    operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
    );
  });

  test('lists every route with its schemas', () => {
    expect(openapi.openapi).toBe('3.1.0');
    expect(operations.map(([name]) => name).sort()).toEqual([
      'delete /v1/namespaces/{namespace}',
      'delete /v1/namespaces/{namespace}/cache',
      'delete /v1/namespaces/{namespace}/documents/{id}',
      'get /errors/{code}',
      'get /health/live',
      'get /health/ready',
      'get /metrics',
      'get /v1/admin/reconciliations',
      'get /v1/admin/reconciliations/{id}',
      'get /v1/namespaces',
      'get /v1/namespaces/{namespace}',
      'get /v1/namespaces/{namespace}/cache',
      'get /v1/namespaces/{namespace}/documents',
      'get /v1/namespaces/{namespace}/documents/{id}',
      'get /v1/namespaces/{namespace}/documents/{id}/chunks',
      'get /v1/namespaces/{namespace}/ingestions/{id}',
      'patch /v1/namespaces/{namespace}/documents/{id}',
      'post /v1/admin/reconciliations',
      'post /v1/namespaces/{namespace}/answer',
      'post /v1/namespaces/{namespace}/deletions',
      'post /v1/namespaces/{namespace}/documents',
      'post /v1/namespaces/{namespace}/documents/{id}/retry',
      'post /v1/namespaces/{namespace}/retries',
      'post /v1/namespaces/{namespace}/search',
      'put /v1/admin/dependencies/{name}',
      'put /v1/namespaces/{namespace}',
      'put /v1/namespaces/{namespace}/documents/{id}',
    ]);
    const text = JSON.stringify(openapi);
    for (const schema of [
      'Answer',
      'SearchResult',
      'Document',
      'Problem',
      'AnswerRequest',
      'AnswerEvent',
      'Message',
      'Dependency',
    ]) {
      expect(text).toContain(`"#/components/schemas/${schema}"`);
    }
  });

  test('says how an answer is streamed, with an example', () => {
    const content = find('post /v1/namespaces/{namespace}/answer')?.responses['200']?.content ?? {};
    expect(Object.keys(content)).toEqual(['application/json', 'text/event-stream']);
    expect(content['text/event-stream']).toMatchObject({
      schema: { $ref: '#/components/schemas/AnswerEvent' },
      example: expect.stringMatching(/^event: sources\ndata: /),
    });
  });

  test('says of every route how it fails, and with which headers', () => {
    for (const [name, { responses }] of operations) {
      expect(Object.keys(responses), name).toEqual(expect.arrayContaining(['405', '500']));
      for (const [status, { headers }] of Object.entries(responses)) {
        expect(Object.keys(headers ?? {}), `${name} ${status}`).toContain('X-Request-Id');
      }
      expect(Object.keys(responses['405']?.headers ?? {}), name).toContain('Allow');
      for (const status of ['429', '503']) {
        if (responses[status]) expect(Object.keys(responses[status].headers ?? {}), name).toContain('Retry-After');
      }
      if (responses['401']) expect(Object.keys(responses['401'].headers ?? {}), name).toContain('WWW-Authenticate');
      if (responses['202']) expect(Object.keys(responses['202'].headers ?? {}), name).toContain('Location');
    }
    const put = find('put /v1/namespaces/{namespace}/documents/{id}');
    expect(put?.responses['404']?.description).toContain('NOT_FOUND');
  });

  test('asks for a key exactly where one is needed', async () => {
    const open = operations.filter(([, { security }]) => security?.length === 0).map(([name]) => name);
    expect(open).toEqual(['get /health/live', 'get /errors/{code}']);
  });

  test('says the limits of what it takes', () => {
    const put = find('put /v1/namespaces/{namespace}/documents/{id}');
    const parameter = (name: string) => put?.parameters?.find((given) => given.name === name)?.schema;
    expect(parameter('namespace')).toMatchObject({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' });
    expect(parameter('id')).toMatchObject({ minLength: 1, maxLength: 512 });
    const { AnswerRequest, DocumentInput } = openapi.components.schemas;
    expect(AnswerRequest?.properties.question).toMatchObject({ minLength: 1, maxLength: 20_000 });
    expect(DocumentInput?.properties.metadata).toMatchObject({
      type: 'object',
      description: expect.stringMatching(/\[A-Za-z_\].*2,048 bytes/),
    });
    expect(DocumentInput?.properties.content).toMatchObject({
      description: expect.stringContaining('2,000,000 bytes'),
    });
    expect(DocumentInput?.properties.url).toMatchObject({ format: 'uri', maxLength: 1_000 });
  });

  test('is true of unknown query parameters: every route under /v1 refuses them', async () => {
    for (const [name] of operations) {
      const [method = '', template = ''] = name.split(' ');
      if (!template.startsWith('/v1/')) continue;
      const path = template.replace('{namespace}', 'docs').replace('{id}', 'guide.md').replace('{name}', 'vectorize');
      const body = method === 'post' ? '{"question": "a"}' : method === 'put' ? '{"content": "a"}' : null;
      const init = { method: method.toUpperCase(), headers: json, ...(body !== null && { body }) };
      const problem = await expectProblem(`${path}?nonsense=1`, init, 'VALIDATION_FAILED');
      expect(problem.errors, name).toEqual([{ pointer: '?nonsense', detail: 'is not a known field' }]);
    }
  });
});

test('a question by vectors alone that fails names the steps that failed, and no others', async () => {
  // Upstash could embed the question itself.
  for (const target of ['ai', 'vector']) await vigil.control.setFault({ target, mode: 'error' });
  const problem = await expectProblem(
    '/v1/namespaces/docs/search',
    ask({ question: 'Why?', retrieval: 'vector' }),
    'RETRIEVAL_UNAVAILABLE',
  );
  await vigil.control.clearFaults();
  expect(problem.detail).toMatch(
    /^Nothing could be searched: embedding \([A-Z0-9_]+\), retrieval:upstash \([A-Z0-9_]+\)\.$/,
  );
  expect(problem.detail).not.toContain('lexical');
});
