import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Completion } from './completion.ts';
import { type Completions, streamedCompletions, wholeCompletion } from './completions.ts';

const encoder = new TextEncoder();

/** A body of these bytes, cut where the test says. */
function aBody(text: string, cuts: number[] = [], breaks: Error | null = null): ReadableStream<Uint8Array> {
  let rest = encoder.encode(text);
  return new ReadableStream({
    start(controller) {
      for (const length of cuts) {
        controller.enqueue(rest.slice(0, length));
        rest = rest.slice(length);
      }
      controller.enqueue(rest);
      if (breaks === null) controller.close();
    },
    pull(controller) {
      if (breaks !== null) controller.error(breaks);
    },
  });
}

async function readAll(completions: Completions) {
  const read: Completion[] = [];
  try {
    for (;;) {
      const completion = await completions.next();
      if (completion === null) break;
      read.push(completion);
    }
    return { ...joined(read), error: null };
  } catch (error) {
    return { ...joined(read), error };
  }
}

function joined(read: Completion[]) {
  return {
    text: read.map(({ text }) => text).join(''),
    thought: read.map(({ thought }) => thought).join(''),
    finish: read.findLast(({ finish }) => finish !== null)?.finish ?? null,
    usage: read.findLast(({ usage }) => usage !== null)?.usage ?? null,
  };
}

const frame = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const chunk = (delta: object, finish: string | null = null) =>
  frame({
    id: 'x',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
    usage: null,
  });
const DONE = 'data: [DONE]\n\n';
const USAGE = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, prompt_tokens_details: { cached_tokens: 0 } };
const usage = { promptTokens: 9, completionTokens: 4 };

describe('a streamed answer', () => {
  it.each([
    [
      'older',
      frame({ response: 'Größe ', p: 'abc' }) + frame({ response: '10' }) + frame({ response: '', usage: USAGE }),
    ],
    ['older, numbers as numbers', frame({ response: 'Größe ' }) + frame({ response: 10, usage: USAGE })],
    [
      'newer',
      chunk({ role: 'assistant', content: '' }) +
        chunk({ content: 'Größe ' }) +
        chunk({ content: '10', tool_calls: [] }) +
        chunk({}, 'stop') +
        frame({ choices: [], usage: USAGE }),
    ],
    ['newer, cut off by length', chunk({ content: 'Größe 10' }, 'length') + frame({ choices: [], usage: USAGE })],
    [
      'newer, thinking first',
      chunk({ reasoning_content: 'hm' }) +
        chunk({ content: 'Größe 10' }, 'stop') +
        frame({ choices: [], usage: USAGE }),
    ],
  ])('in the %s form is the same wherever the network cuts it', async (_form, frames) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { maxLength: 30 }), async (cuts) => {
        const read = await readAll(streamedCompletions(aBody(frames + DONE, cuts)));
        expect(read).toMatchObject({ text: 'Größe 10', usage, error: null });
      }),
    );
  });

  it('gives what one network chunk brings at once', async () => {
    const completions = streamedCompletions(aBody(chunk({ content: 'a' }) + chunk({ content: 'b' }) + DONE));
    expect(await completions.next()).toMatchObject({ text: 'ab' });
    expect(await completions.next()).toBeNull();
  });

  it('keeps what a model thinks apart', async () => {
    const frames = chunk({ reasoning: 'One. ' }) + chunk({ reasoning_content: 'Two.' }) + chunk({ content: 'Yes.' });
    expect(await readAll(streamedCompletions(aBody(frames + DONE)))).toMatchObject({
      text: 'Yes.',
      thought: 'One. Two.',
    });
  });

  it.each([
    ['without its last event', chunk({ content: 'Yes' }), 'Yes', 'InterruptedError'],
    ['in the middle of an event', `${chunk({ content: 'Yes' })}data: {"choi`, 'Yes', 'SyntaxError'],
    [
      'by telling of a failure',
      chunk({ content: 'Yes' }) + frame({ error: { code: 3040, message: 'x' } }),
      'Yes',
      'CompletionError',
    ],
    [
      'by telling of several',
      frame({ response: 'Yes' }) + frame({ errors: [{ code: 3043 }] }),
      'Yes',
      'CompletionError',
    ],
    ['by an event of another kind', `${chunk({ content: 'Yes' })}data: [1]\n\n`, 'Yes', 'BadAnswerError'],
    ['before it begins', '<!doctype html><h1>Please wait</h1>', '', 'BadAnswerError'],
    ['before it begins, by a failure as text', frame({ error: '3040: busy' }), '', 'CompletionError'],
    ['empty', '', '', 'BadAnswerError'],
  ])('that breaks off %s gives what came before, and then says so', async (_how, frames, text, name) => {
    const read = await readAll(streamedCompletions(aBody(frames)));
    expect(read).toMatchObject({ text, error: { name } });
  });

  it('is whole without a last event when the model has said that it finished', async () => {
    const read = await readAll(streamedCompletions(aBody(chunk({ content: 'Yes' }) + chunk({}, 'stop'))));
    expect(read).toMatchObject({ text: 'Yes', finish: 'whole', error: null });
  });

  it('that loses its connection has broken off, in whichever words that is said', async () => {
    const lost = new Error('ReadableStream received over RPC disconnected prematurely.');
    const read = await readAll(streamedCompletions(aBody(chunk({ content: 'Yes' }), [], lost)));
    expect(read).toMatchObject({ text: 'Yes', error: { name: 'InterruptedError', cause: lost } });
  });

  it('leaves the connection after its last event, whatever comes behind', async () => {
    let left = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(chunk({ content: 'Yes' }) + DONE)),
      cancel() {
        left = true;
      },
    });
    expect(await readAll(streamedCompletions(body))).toMatchObject({ text: 'Yes', error: null });
    expect(left).toBe(true);
  });
});

describe('an answer as a whole', () => {
  it.each([
    ['older', { response: 'Yes.', usage: USAGE }],
    [
      'newer',
      { choices: [{ message: { content: 'Yes.', reasoning_content: 'hm' }, finish_reason: 'stop' }], usage: USAGE },
    ],
  ])('is read in the %s form', async (_form, json) => {
    expect(await readAll(wholeCompletion(json))).toMatchObject({ text: 'Yes.', usage, error: null });
  });

  it.each([[null], ['text'], [{ choices: 'x' }], [{ response: { a: 1 } }]])('is not %j', (json) => {
    expect(() => wholeCompletion(json)).toThrow('does not fit its schema');
  });
});

describe('the reason a model gives for its end', () => {
  const streamed = (reason: string) => streamedCompletions(aBody(chunk({ content: 'Yes' }) + chunk({}, reason) + DONE));
  const whole = (reason: string) =>
    wholeCompletion({ choices: [{ message: { content: 'Yes' }, finish_reason: reason }] });

  it.each([
    ['stop', 'whole'],
    ['eos', 'whole'],
    ['length', 'cut'],
    ['model_length', 'cut'],
  ])('%s leaves its answer %s', async (reason, finish) => {
    for (const completions of [streamed(reason), whole(reason)]) {
      expect(await readAll(completions)).toMatchObject({ text: 'Yes', finish, error: null });
    }
  });

  it.each([
    ['content_filter', 'FilteredError'],
    ['error', 'InterruptedError'],
    ['insufficient_system_resource', 'InterruptedError'],
  ])('%s is none of a whole answer', async (reason, name) => {
    expect(await readAll(streamed(reason))).toMatchObject({ text: 'Yes', error: { name } });
    expect(() => whole(reason)).toThrow(expect.objectContaining({ name }));
  });
});
