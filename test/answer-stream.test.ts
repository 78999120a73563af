import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AnswerEvent, answerEventSchema } from '../src/http/answer-events.ts';
import { documentSchema } from '../src/http/document-view.ts';
import { problemSchema } from '../src/http/errors.ts';
import { answerSchema } from '../src/query/answer.ts';
import { startVigil, TEST_KEY, type VigilUnderTest } from './support/vigil-under-test.ts';

const lighthouse = `# Lighthouse

The keeper trims the wick every evening at dusk. When fog hides the rocks, the keeper sounds the horn once a minute.
The lamp of the lighthouse burns whale oil until dawn. The horn of the lighthouse is made of brass and polished weekly.
`;
const QUESTION = 'How often does the keeper sound the horn in fog?';

let vigil: VigilUnderTest;

beforeAll(async () => {
  // The next model would answer where the first one fails.
  vigil = await startVigil({ GENERATION_MODELS: 'local/passage-composer' });
  const path = '/v1/namespaces/coast/documents/lighthouse.md';
  const headers = { 'content-type': 'text/markdown' };
  await vigil.fetch(path, { method: 'PUT', headers, body: lighthouse });
  await vi.waitFor(
    async () => expect(documentSchema.parse(await (await vigil.fetch(path)).json()).state).toBe('ready'),
    { timeout: 25_000, interval: 100 },
  );
}, 90_000);
afterEach(() => vigil.control.clearFaults());
afterAll(() => vigil.close());

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return vigil.fetch(`/v1/namespaces/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** The events of a stream, each checked against its schema and its name. */
async function stream(body: object, namespace = 'coast'): Promise<AnswerEvent[]> {
  const response = await post(`${namespace}/answer`, { ...body, stream: true });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('cache-control')).toBe('private, no-store, no-transform');
  expect(text.endsWith('\n\n')).toBe(true);
  const blocks = text.split('\n\n').slice(0, -1);
  return blocks
    .filter((block) => !block.startsWith(':'))
    .map((block) => {
      const [name, data, ...rest] = block.split('\n');
      expect(rest).toEqual([]);
      const event = answerEventSchema.parse(JSON.parse(data?.replace(/^data: /, '') ?? ''));
      expect(name).toBe(`event: ${event.type}`);
      return event;
    });
}

const textOf = (events: AnswerEvent[]) =>
  events.flatMap((event) => (event.type === 'delta' ? [event.text] : [])).join('');
const kindsOf = (events: AnswerEvent[]) => events.map(({ type }) => type).filter((type, n, all) => type !== all[n - 1]);
function answerOf(events: AnswerEvent[]) {
  const last = events.at(-1);
  if (last?.type !== 'done') throw new Error(`the stream ended with ${JSON.stringify(last)}`);
  return last.answer;
}

describe('a streamed answer', () => {
  test('tells its sources, its text as the model writes it, each citation after its number, and the whole', async () => {
    const events = await stream({ question: QUESTION, cache: 'no-store' });
    const answer = answerOf(events);
    expect(kindsOf(events).slice(0, 3)).toEqual(['sources', 'delta', 'citation']);
    expect(events[0]).toMatchObject({ type: 'sources', passages: answer.passages, rewrittenQuestion: null });
    expect(events.filter(({ type }) => type === 'delta').length).toBeGreaterThan(5);
    expect(textOf(events)).toBe(answer.answer);
    const cited = events.findIndex(({ type }) => type === 'citation');
    expect(textOf(events.slice(0, cited)).endsWith('[1]')).toBe(true);
    expect(events.flatMap((event) => (event.type === 'citation' ? [event.citation] : []))).toEqual(answer.citations);
    expect(answer).toMatchObject({ generation: 'model', servedBy: { generation: 'local/passage-composer' } });
  });

  test('is what it is without a stream, and each is kept for the other', async () => {
    const question = 'What does the lamp of the lighthouse burn?';
    const streamed = answerOf(await stream({ question }));
    const whole = answerSchema.parse(await (await post('coast/answer', { question })).json());
    expect(whole.cache.response).toBe('hit');
    const replayed = await stream({ question });
    expect(answerOf(replayed).cache.response).toBe('hit');
    for (const { answer, citations, passages } of [whole, answerOf(replayed)]) {
      expect({ answer, citations, passages }).toEqual({
        answer: streamed.answer,
        citations: streamed.citations,
        passages: streamed.passages,
      });
    }
    expect(textOf(replayed)).toBe(streamed.answer);
    expect(kindsOf(replayed).slice(0, 3)).toEqual(['sources', 'delta', 'citation']);
  });

  test.each([
    ['no answer is asked for', { generation: 'none' }, ['sources', 'done']],
    ['it is extractive', { generation: 'extractive' }, ['sources', 'delta', 'citation', 'done']],
  ])('comes as the same events when %s', async (_, options, kinds) => {
    const events = await stream({ question: QUESTION, cache: 'no-store', ...options });
    expect(new Set(kindsOf(events))).toEqual(new Set(kinds));
    expect(textOf(events)).toBe(answerOf(events).answer ?? '');
  });

  test('is read by the example in the docs', async () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/stream.md'), 'utf8');
    const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const names = ['fetch', 'url', 'key', 'namespace', 'question', 'signal', 'show'];
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
    const run = (namespace: string, show: (event: unknown) => void) =>
      new AsyncFunction(...names, code)(vigil.fetch, '', TEST_KEY, namespace, QUESTION, undefined, show);
    const events: AnswerEvent[] = [];
    await run('coast', (event) => events.push(answerEventSchema.parse(event)));
    expect(textOf(events)).toBe(answerOf(events).answer);
    await expect(run('nowhere', () => {})).rejects.toThrow('There is no namespace "nowhere"');
  });
});

describe('a stream that cannot be', () => {
  test('(peers 12) is a problem with its own status before anything was sent', async () => {
    const missing = await post('nowhere/answer', { question: QUESTION, stream: true });
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    await vigil.control.setFault({ target: 'vectorize', mode: 'error' });
    await vigil.control.setFault({ target: 'vector', mode: 'error' });
    const asked = { question: 'Which horn is it?', retrieval: 'vector', cache: 'no-store', stream: true };
    const down = await post('coast/answer', asked);
    expect(down.status).toBe(503);
    expect(problemSchema.parse(await down.json()).code).toBe('RETRIEVAL_UNAVAILABLE');
  });

  test('ends with an error when the model breaks off, and nothing of it is kept', async () => {
    const question = 'What is the horn of the lighthouse made of?';
    await vigil.control.setFault({ target: 'ai/generate', mode: 'interrupted' });
    const events = await stream({ question });
    const last = events.at(-1);
    expect(kindsOf(events)).toEqual(['sources', 'delta', 'error']);
    expect(last).toMatchObject({ problem: { code: 'GENERATION_INTERRUPTED', status: 503, retryAfterMs: 0 } });
    await vigil.control.clearFaults();
    const whole = answerSchema.parse(await (await post('coast/answer', { question })).json());
    expect(whole.answer?.startsWith(textOf(events))).toBe(true);
    expect(whole).toMatchObject({ cache: { response: 'miss' }, generation: 'model', degraded: [] });
  });

  test('is an extractive answer when no model begins one', async () => {
    await vigil.control.setFault({ target: 'ai/generate', mode: 'error' });
    const events = await stream({ question: QUESTION, cache: 'no-store' });
    expect(answerOf(events)).toMatchObject({
      generation: 'extractive',
      degraded: [{ step: 'generation:local/passage-composer' }],
    });
    expect(textOf(events)).toBe(answerOf(events).answer);
  });
});

describe('a conversation', () => {
  test('has its last question put so that it stands alone, by the model, once', async () => {
    const messages = [
      { role: 'user', content: 'What does the lighthouse keeper sound in fog?' },
      { role: 'assistant', content: 'The horn [1].' },
      { role: 'user', content: 'How often?' },
    ];
    const events = await stream({ messages });
    const answer = answerOf(events);
    expect(answer.rewrittenQuestion).toBe('How often (lighthouse keeper sound fog)?');
    expect(events[0]).toMatchObject({ type: 'sources', rewrittenQuestion: answer.rewrittenQuestion });
    expect(answer.answer).toContain('once a minute');
    expect(answer.timings.rewritingMs).toBeGreaterThan(0);
    const again = answerOf(await stream({ messages }));
    expect(again).toMatchObject({
      rewrittenQuestion: answer.rewrittenQuestion,
      cache: { response: 'hit' },
      usage: { promptTokens: 0, completionTokens: 0 },
    });
    const found = await (await post('coast/search', { messages })).json();
    expect(found).toMatchObject({ rewrittenQuestion: answer.rewrittenQuestion });
  });

  test('of one message is its question', async () => {
    const events = await stream({ messages: [{ role: 'user', content: QUESTION }] });
    expect(answerOf(events)).toMatchObject({ rewrittenQuestion: null, timings: { rewritingMs: null } });
  });
});
