import { describe, expect, it } from 'vitest';
import { costOfIngestion, type IngestionUse } from './ingestion-cost.ts';

const use: IngestionUse = {
  embedding: { model: '@cf/baai/bge-m3', tokens: 1_000_000 },
  vectors: { stores: ['vectorize', 'vectorize-replica', 'upstash'], dimensions: 1_024, count: 2_500 },
};

describe('the cost of ingestion', () => {
  it('is the model’s tokens, a write to Upstash for each vector, and dimensions in every Vectorize index', () => {
    expect(costOfIngestion(use)).toEqual({ costUsd: 0.012 + 0.01, storageUsd: 0.00256, estimated: false });
  });

  it('of nothing new is only what is written again', () => {
    const nothing = { ...use, embedding: { ...use.embedding, tokens: 0 } };
    expect(costOfIngestion(nothing).costUsd).toBe(0.01);
  });

  it('by a model without a listed price is never free', () => {
    const unknown = { ...use, embedding: { model: 'new/model', tokens: 1_000_000 } };
    expect(costOfIngestion(unknown)).toMatchObject({ costUsd: 0.067 + 0.01, estimated: true });
  });
});
