import { describe, expect, it } from 'vitest';
import { costOfQuery, type QueryUse } from './usage-cost.ts';

const nothing: QueryUse = {
  embedding: { model: '@cf/baai/bge-m3', tokens: 0 },
  savedEmbeddingTokens: 0,
  vectorSearch: { stores: [], dimensions: 1_024 },
  rowsRead: 0,
  redisCommands: 0,
  kvReads: 0,
  kvWrites: 0,
  rerank: null,
  generations: [],
};

describe('the cost of a query', () => {
  it('is the Worker’s request when nothing else was used', () => {
    expect(costOfQuery(nothing)).toEqual({ costUsd: 3e-7, savedUsd: 0, estimated: false });
  });

  it('adds up as by hand for a question answered with Vectorize and a model', () => {
    // 3.0e-7 request + 20 × 1.2e-8 embedding + 1,024 × 1e-8 dimensions + 250 × 1e-9 rows + 2 × 2e-6 commands + 5e-7 + 5e-6 KV
    // + 10,000 × 3.1e-9 reranked + 3,000 × 5.1e-8 + 300 × 3.35e-7 tokens = 0.00030503
    const cost = costOfQuery({
      embedding: { model: '@cf/baai/bge-m3', tokens: 20 },
      savedEmbeddingTokens: 0,
      vectorSearch: { stores: ['vectorize-replica'], dimensions: 1_024 },
      rowsRead: 250,
      redisCommands: 2,
      kvReads: 1,
      kvWrites: 1,
      rerank: { model: '@cf/baai/bge-reranker-base', tokens: 10_000 },
      generations: [{ model: '@cf/qwen/qwen3-30b-a3b-fp8', promptTokens: 3_000, completionTokens: 300, price: null }],
    });
    expect(cost).toEqual({ costUsd: 0.00030503, savedUsd: 0, estimated: false });
  });

  it('charges Upstash Vector by the request, and each store that was asked', () => {
    const costUsdOf = (...stores: string[]) =>
      costOfQuery({ ...nothing, vectorSearch: { stores, dimensions: 1_024 } }).costUsd;
    expect(costUsdOf('upstash')).toBe(0.0000043);
    expect(costUsdOf('vectorize', 'upstash')).toBe(0.00001454);
  });

  it('says what a cached embedding saved', () => {
    expect(costOfQuery({ ...nothing, savedEmbeddingTokens: 50 }).savedUsd).toBe(6e-7);
  });

  it('keeps a single row and rounds beyond', () => {
    expect(costOfQuery({ ...nothing, rowsRead: 1 }).costUsd).toBe(3.01e-7);
    expect(costOfQuery({ ...nothing, embedding: { model: '@cf/baai/bge-m3', tokens: 1 } }).costUsd).toBe(3.12e-7);
  });

  it('is nothing but the rest for local models', () => {
    const cost = costOfQuery({
      ...nothing,
      embedding: { model: 'local/all-MiniLM-L6-v2', tokens: 1_000 },
      generations: [{ model: 'local/passage-composer', promptTokens: 1_000, completionTokens: 1_000, price: null }],
    });
    expect(cost).toEqual({ costUsd: 3e-7, savedUsd: 0, estimated: false });
  });

  it('charges a model without a price like the dearest one, and says so', () => {
    const generation = { model: 'unheard/of', promptTokens: 1_000_000, completionTokens: 1_000_000, price: null };
    const cost = costOfQuery({ ...nothing, generations: [generation] });
    expect(cost).toEqual({ costUsd: 0.5 + 3.2 + 3e-7, savedUsd: 0, estimated: true });
  });

  it('adds up every model that wrote something, at an operator’s own price where there is one', () => {
    const perMillion = (usd: number) => ({ usd, per: 1_000_000, source: 'configured' });
    const own = { prompt: perMillion(2), completion: perMillion(4) };
    const tokens = { promptTokens: 1_000_000, completionTokens: 500_000 };
    const generations = [
      { model: 'openai-fast', ...tokens, price: own },
      { model: '@cf/openai/gpt-oss-20b', ...tokens, price: null },
    ];
    // 2 + 0.5 × 4, and 0.2 + 0.5 × 0.3
    expect(costOfQuery({ ...nothing, generations })).toEqual({ costUsd: 4.35 + 3e-7, savedUsd: 0, estimated: false });
  });
});
