import { describe, expect, it } from 'vitest';
import { callUpstreamWith, inSeconds } from '../../test/read-path-builders.ts';
import type { EmbeddingModel } from './embedder.ts';
import { createWorkersAiEmbedder } from './workers-ai-embedder.ts';

const model: EmbeddingModel = {
  name: '@cf/baai/bge-base-en-v1.5',
  dimensions: 2,
  pooling: 'cls',
  maxInputTokens: 512,
  maxTextsPerCall: 100,
};

function embed(answer: unknown, texts = ['a text', 'b text'], changes: Partial<EmbeddingModel> = {}) {
  const inputs: unknown[] = [];
  const embedder = createWorkersAiEmbedder({
    ai: {
      async run(_model, given) {
        inputs.push(given);
        return answer;
      },
    },
    model: { ...model, ...changes },
    callUpstream: callUpstreamWith(),
    timeoutMs: 1_000,
  });
  return { inputs, result: embedder.embed(texts, inSeconds(5)) };
}

describe('the Workers AI embedder', () => {
  it('gives vectors unit length and names its pooling', async () => {
    const { inputs, result } = embed({
      shape: [2, 2],
      data: [
        [3, 4],
        [0, -2],
      ],
    });
    expect(await result).toMatchObject({
      ok: true,
      value: { vectors: [new Float32Array([0.6, 0.8]), new Float32Array([0, -1])], estimated: true },
    });
    expect(inputs).toEqual([{ text: ['a text', 'b text'], pooling: 'cls' }]);
  });

  it('has a model that refuses overlong texts cut them', async () => {
    const { inputs, result } = embed({ data: [[1, 0]] }, ['long'], { pooling: 'default', mustAskForTruncation: true });
    expect(await result).toMatchObject({ ok: true });
    expect(inputs).toEqual([{ text: ['long'], truncate_inputs: true }]);
  });

  it('takes the provider’s token count where there is one', async () => {
    const { result } = embed({
      data: [
        [1, 0],
        [0, 1],
      ],
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
    expect(await result).toMatchObject({ ok: true, value: { tokens: 5, estimated: false } });
  });

  it.each([
    ['too few vectors', { data: [[1, 0]] }],
    [
      'other dimensions',
      {
        data: [
          [1, 0, 0],
          [0, 1, 0],
        ],
      },
    ],
    [
      'a vector of zeros',
      {
        data: [
          [0, 0],
          [0, 1],
        ],
      },
    ],
    [
      'something that is no number',
      {
        data: [
          [null, 0],
          [0, 1],
        ],
      },
    ],
    ['no JSON', '<html></html>'],
  ])('fails over %s', async (_what, answer) => {
    expect(await embed(answer).result).toMatchObject({ ok: false, error: { class: 'transient', code: 'BAD_ANSWER' } });
  });
});
