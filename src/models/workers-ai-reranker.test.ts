import { describe, expect, it } from 'vitest';
import { callUpstreamWith, inSeconds } from '../../test/read-path-builders.ts';
import { createWorkersAiReranker } from './workers-ai-reranker.ts';

const passages = [
  { id: 'a', text: 'About bread.' },
  { id: 'b', text: 'About wings.' },
];

function rerank(response: unknown) {
  const calls: unknown[] = [];
  const ai = {
    run: async (...call: unknown[]) => {
      calls.push(call);
      return response;
    },
  };
  const options = { ai, model: '@cf/baai/bge-reranker-base', callUpstream: callUpstreamWith(), timeoutMs: 100 };
  return { calls, result: createWorkersAiReranker(options).rerank('wings?', passages, inSeconds(1)) };
}

const scoresOf = async (response: unknown) => {
  const result = await rerank(response).result;
  return result.ok ? Object.fromEntries(result.value.scores.map(({ id, score }) => [id, score])) : result.error.code;
};

describe('a reranker of Workers AI', () => {
  it('matches scores to passages by their id, not by their position', async () => {
    const response = [
      { id: 1, score: 0.9 },
      { id: 0, score: 0.1 },
    ];
    expect(await scoresOf({ response })).toEqual({ a: 0.1, b: 0.9 });
    expect(await scoresOf({ response: [{ id: 1, score: 0.9 }] })).toEqual({ b: 0.9 });
  });

  it('sends the question with every passage', async () => {
    const { calls, result } = rerank({ response: [] });
    await result;
    const inputs = { query: 'wings?', contexts: [{ text: 'About bread.' }, { text: 'About wings.' }], top_k: 2 };
    expect(calls).toEqual([['@cf/baai/bge-reranker-base', inputs, expect.anything()]]);
  });

  it('brings raw scores to the scale from 0 to 1 without changing their order', async () => {
    const response = [
      { id: 0, score: -4 },
      { id: 1, score: 3 },
    ];
    expect(await scoresOf({ response })).toEqual({ a: expect.closeTo(0.018, 3), b: expect.closeTo(0.953, 3) });
  });

  it.each([
    [{ response: [{ id: 2, score: 1 }] }],
    [
      {
        response: [
          { id: 0, score: 1 },
          { id: 0, score: 0 },
        ],
      },
    ],
    [{ response: 'no' }],
  ])('refuses %j', async (response) => {
    expect(await scoresOf(response)).toBe('BAD_ANSWER');
  });
});
