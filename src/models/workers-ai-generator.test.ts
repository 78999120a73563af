import { describe, expect, it } from 'vitest';
import { callUpstreamWith, inSeconds } from '../../test/read-path-builders.ts';
import { createWorkersAiGenerator } from './workers-ai-generator.ts';

const messages = [{ role: 'user' as const, content: 'What is the limit?' }];

function generate(answer: unknown) {
  const calls: { inputs: Record<string, unknown>; options: unknown }[] = [];
  const generator = createWorkersAiGenerator({
    ai: {
      async run(_model, inputs, options) {
        calls.push({ inputs, options });
        return answer;
      },
    },
    model: '@cf/test/model',
    callUpstream: callUpstreamWith(),
    timeoutMs: 1_000,
  });
  return { calls, result: generator.generate(messages, { maxTokens: 64 }, inSeconds(5)) };
}

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
  ])('reads %s', async (_form, answer) => {
    expect(await generate(answer).result).toEqual({
      ok: true,
      value: { text: 'One megabyte [1].', promptTokens: 9, completionTokens: 4, estimated: false },
    });
  });

  it('estimates the tokens when the provider gives none', async () => {
    const result = await generate({ response: 'One megabyte.' }).result;
    if (!result.ok) throw new Error('the generation failed');
    expect(result.value.estimated).toBe(true);
    expect(result.value.promptTokens).toBeGreaterThan(3);
    expect(result.value.completionTokens).toBeGreaterThan(1);
  });

  it.each(['<html></html>', {}, { response: '  ' }, { choices: [] }, { response: null }])(
    'fails over %j',
    async (answer) => {
      expect(await generate(answer).result).toMatchObject({
        ok: false,
        error: { class: 'transient', code: 'BAD_ANSWER' },
      });
    },
  );

  it('wants to be refused at once by a busy model, and can be cut off', async () => {
    const { calls, result } = generate({ response: 'Yes.' });
    await result;
    expect(calls[0]?.options).toMatchObject({ rejectIfBusy: true, signal: expect.any(AbortSignal) });
    expect(calls[0]?.inputs).toMatchObject({ max_tokens: 64, messages });
  });
});
