import { describe, expect, it } from 'vitest';
import { callUpstreamWith, inSeconds, silentTelemetry } from '../../test/read-path-builders.ts';
import { systemClock } from '../clock.ts';
import { createWorkersAiGenerator } from './workers-ai-generator.ts';

const messages = [{ role: 'user' as const, content: 'What is the limit?' }];

function generate(
  answer: () => unknown,
  { model = '@cf/test/model', gateway = null as string | null, seconds = 5 } = {},
) {
  const calls: { inputs: Record<string, unknown>; options: unknown }[] = [];
  const generator = createWorkersAiGenerator({
    ai: {
      async run(_model, inputs, options) {
        calls.push({ inputs, options });
        return answer();
      },
    },
    ...{ model, gateway, callUpstream: callUpstreamWith(), clock: systemClock, telemetry: silentTelemetry },
    defer: (_name, promise) => void promise,
    ...{ timeoutMs: 1_000, idleTimeoutMs: 1_000 },
  });
  let isCalled = false;
  const onCall = () => {
    isCalled = true;
  };
  const options = { maxTokens: 64, firstToken: inSeconds(seconds), deadline: inSeconds(seconds), onCall };
  const result = generator.start(messages, options);
  return { calls, result, wasCalled: () => result.then(() => isCalled) };
}

async function stepsOf(answer: unknown) {
  const started = await generate(() => answer).result;
  if (!started.ok) throw new Error('the generation failed');
  const steps = [await started.value.next()];
  while (steps.at(-1)?.kind === 'text') steps.push(await started.value.next());
  return steps;
}

const YES = { response: 'Yes.' };

describe('a Workers AI generator', () => {
  it.each([
    ['the older form', { response: ' One megabyte [1]. ', usage: { prompt_tokens: 9, completion_tokens: 4 } }],
    [
      'the chat completion form',
      {
        id: 'x',
        choices: [{ index: 0, message: { role: 'assistant', content: 'One megabyte [1].' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
      },
    ],
  ])('reads %s also when it does not come as a stream', async (_form, answer) => {
    expect(await stepsOf(answer)).toEqual([
      { kind: 'text', text: 'One megabyte [1].' },
      { kind: 'end', isCut: false, usage: { promptTokens: 9, completionTokens: 4, estimated: false } },
    ]);
  });

  it('estimates the tokens when the provider gives none', async () => {
    const usage = { promptTokens: 4, completionTokens: 4, estimated: true };
    expect((await stepsOf({ response: 'One megabyte.' })).at(-1)).toEqual({ kind: 'end', isCut: false, usage });
  });

  it.each([
    ['by its last word', { choices: [{ message: { content: 'One' }, finish_reason: 'length' }] }],
    ['by its count alone', { response: 'One', usage: { prompt_tokens: 9, completion_tokens: 64 } }],
  ])('says when an answer was cut at the most tokens it may have, told %s', async (_how, answer) => {
    expect((await stepsOf(answer)).at(-1)).toMatchObject({ kind: 'end', isCut: true });
  });

  it('has not answered when a filter took its answer, and that is not held against the model', async () => {
    const filtered = { choices: [{ message: { content: 'One' }, finish_reason: 'content_filter' }] };
    expect(await generate(() => filtered).result).toMatchObject({
      ok: false,
      error: { class: 'permanent', code: 'CONTENT_FILTER' },
    });
  });

  it('says when a call goes out, and not of one that does not', async () => {
    expect(await generate(() => YES).wasCalled()).toBe(true);
    expect(await generate(() => YES, { seconds: 0 }).wasCalled()).toBe(false);
  });

  it.each(['<html></html>', {}, { response: '  ' }, { choices: [] }, { response: null }])(
    'fails over %j',
    async (answer) => {
      expect(await generate(() => answer).result).toMatchObject({
        ok: false,
        error: { class: 'transient', code: 'BAD_ANSWER' },
      });
    },
  );

  it('takes a failure within the answer for the vendor’s own', async () => {
    const told = { error: { code: 3040, message: 'Capacity temporarily exceeded' } };
    expect(await generate(() => told).result).toMatchObject({
      ok: false,
      error: { class: 'rate-limited', code: '3040' },
    });
  });

  it('wants a stream with its usage, wants to be refused at once by a busy model, and can be cut off', async () => {
    const { calls, result } = generate(() => YES);
    await result;
    expect(calls[0]?.options).toEqual({ rejectIfBusy: true, signal: expect.any(AbortSignal) });
    expect(calls[0]?.inputs).toEqual({
      ...{ messages, max_tokens: 64, temperature: 0.1 },
      ...{ stream: true, stream_options: { include_usage: true } },
    });
  });

  it('goes through a gateway where there is one', async () => {
    const { calls, result } = generate(() => YES, { gateway: 'vigil' });
    await result;
    expect(calls[0]?.options).toMatchObject({ gateway: { id: 'vigil' } });
  });

  it.each([
    ['@cf/qwen/qwen3-30b-a3b-fp8', true],
    ['@cf/zai-org/glm-4.7-flash', true],
    ['@cf/google/gemma-4-26b-a4b-it', true],
    ['@cf/meta/llama-3.3-70b-instruct-fp8-fast', false],
    ['@cf/qwen/qwen2.5-coder-32b-instruct', false],
  ])('has %s answer at once instead of thinking first: %s', async (model, isTold) => {
    const { calls, result } = generate(() => YES, { model });
    await result;
    expect(calls[0]?.inputs.chat_template_kwargs).toEqual(isTold ? { enable_thinking: false } : undefined);
  });
});
